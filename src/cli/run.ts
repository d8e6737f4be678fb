import { constants } from 'node:os';
import type { Writable } from 'node:stream';
import { codeOf, ExitCode, UserError } from '../errors.js';

/** What a command may touch of the process it runs in. */
export interface Io {
  /** Arguments after the command's own name. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Aborted by SIGINT, SIGTERM and SIGHUP, with an `Interrupted` as its reason. */
  readonly signal: AbortSignal;
}

/** What a stream says whose reader has gone. */
export function isClosedPipe(error: unknown): boolean {
  return ['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE'].includes(codeOf(error) ?? '');
}

/** The user, or the system, asked the command to stop. */
export class Interrupted extends UserError {
  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`, { exitCode: 128 + constants.signals[signal] });
  }
}

class UnwritableOutput extends UserError {
  constructor(cause: Error) {
    super(`cannot write the output: ${cause.message}`, { cause });
  }
}

const stopSignals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command and ends the process with its status: the only place that prints an error, and the only one that exits.
 * The first signal asks the command to clean up; a second one ends the process at once.
 */
export async function run(main: (io: Io) => Promise<number>): Promise<never> {
  const interruption = new AbortController();
  for (const name of stopSignals) {
    process.on(name, () => {
      if (interruption.signal.reason instanceof Interrupted) process.exit(128 + constants.signals[name]);
      interruption.abort(new Interrupted(name));
    });
  }
  for (const stream of [process.stdout, process.stderr]) watchOutput(stream, interruption);
  const io: Io = {
    argv: process.argv.slice(2),
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interruption.signal,
  };
  const status = await main(io).catch((thrown: unknown) => reportFailure(io, thrown));
  await drained(process.stdout);
  const isLost = status === 0 && io.signal.reason instanceof UnwritableOutput;
  const final = isLost ? await reportFailure(io, io.signal.reason) : status;
  await drained(process.stderr);
  process.exit(final);
}

async function reportFailure({ stderr, signal }: Io, thrown: unknown): Promise<number> {
  const { surroundingsError } = await import('./surroundings.js');
  const error = signal.aborted ? signal.reason : (surroundingsError(thrown) ?? thrown);
  if (error instanceof UserError) {
    stderr.write(describe(error));
    return error.exitCode;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(`error: this is a bug in slipway, please report it with the lines below\n${trace}\n`);
  return ExitCode.bug;
}

function describe({ message, hint }: UserError): string {
  const lines = [`error: ${message}`];
  if (hint !== undefined) lines.push(...hint.split('\n').map((line) => `hint: ${line}`));
  return `${lines.join('\n')}\n`;
}

/** Whoever reads our output may leave early (`database log | head`): the work goes on. Output that is lost otherwise stops it. */
function watchOutput(stream: NodeJS.WriteStream, interruption: AbortController): void {
  stream.on('error', (error) => {
    if (!isClosedPipe(error)) interruption.abort(new UnwritableOutput(error));
  });
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
