import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';

/** What commands run in: a script's `\cd` and `\setenv` change it, and so what its later commands see. */
export interface ShellContext {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Standard input of commands that are not fed by us; undefined for none. */
  readonly stdin: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** How a command ended: its exit status, or the signal that ended it. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Runs a command line with /bin/sh, its output passed through (system(3)). */
export function runCommand(command: string, context: ShellContext): Promise<ExitStatus> {
  const child = start(command, context, ['inherit', 'inherit']);
  return ended(child);
}

/** Runs a command line and gives what it writes to standard output (popen(3) for reading). */
export async function captureCommand(command: string, context: ShellContext): Promise<{ output: Buffer } & ExitStatus> {
  const child = start(command, context, ['inherit', 'pipe']);
  const pieces: Buffer[] = [];
  child.stdout?.on('data', (piece: Buffer) => pieces.push(piece));
  const status = await ended(child);
  return { output: Buffer.concat(pieces), ...status };
}

/** A running command that reads from us (popen(3) for writing). */
export interface FedCommand {
  readonly stdin: Writable;
  /** Ends its input and waits for it. */
  end(): Promise<ExitStatus>;
}

export function feedCommand(command: string, context: ShellContext): FedCommand {
  const child = start(command, context, ['pipe', 'inherit']);
  const stdin = child.stdin as Writable;
  const status = ended(child);
  // A command may stop reading early (`head`); what it does not read is of no interest.
  stdin.on('error', () => undefined);
  return {
    stdin,
    end() {
      stdin.end();
      return status;
    },
  };
}

/** A running command whose output we read. */
export interface ReadCommand {
  readonly stdout: Readable;
  status(): Promise<ExitStatus>;
}

export function readCommand(command: string, context: ShellContext): ReadCommand {
  const child = start(command, context, ['inherit', 'pipe']);
  const status = ended(child);
  // Without a reader from the start Node throws away what a command has written when it exits.
  const stdout = (child.stdout as Readable).pipe(new PassThrough());
  return { stdout, status: () => status };
}

/** `close to the terminal`: our own standard streams are inherited; any other stream of the context gets what the command writes. */
function start(
  command: string,
  { cwd, env, stdin, stdout, stderr }: ShellContext,
  [input, output]: ['inherit' | 'pipe', 'inherit' | 'pipe'],
): ChildProcess {
  const ownOutput = stdout === process.stdout ? 'inherit' : 'pipe';
  const child = spawn('/bin/sh', ['-c', command], {
    argv0: 'sh',
    cwd,
    env,
    stdio: [
      input === 'pipe' ? 'pipe' : stdin === process.stdin ? 'inherit' : 'ignore',
      output === 'pipe' ? 'pipe' : ownOutput,
      stderr === process.stderr ? 'inherit' : 'pipe',
    ],
  });
  if (output === 'inherit') child.stdout?.on('data', (bytes: Buffer) => stdout.write(bytes));
  child.stderr?.on('data', (bytes: Buffer) => stderr.write(bytes));
  return child;
}

function ended(child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
}
