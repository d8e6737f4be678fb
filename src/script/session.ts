import { PassThrough, type Writable } from 'node:stream';
import { UserError } from '../errors.js';
import type { ConnectionConfig } from '../postgres/config.js';
import { codecFor } from '../postgres/encoding.js';
import type { Codec, ServerMessage } from '../postgres/messages.js';
import type { Wire } from '../postgres/wire.js';
import type { ScanHost } from '../psql/host.js';
import type { Query } from '../psql/lexer/query.js';
import { defaultPrintSettings, type PrintSettings } from '../psql/print/settings.js';
import { VariableStore } from '../psql/variables/store.js';
import type { ScriptError } from './errors.js';
import { commandError } from './failure.js';
import type { ScriptFile } from './file.js';
import { type Level, MessageLog } from './log.js';
import type { ScriptEvents, SessionOptions } from './options.js';
import { OutputBuffer } from './output.js';
import { StatementsAhead } from './pipeline.js';
import type { Place } from './place.js';
import { ScriptSettings } from './settings.js';
import { captureCommand, type ShellContext } from './shell.js';
import { ScriptSource, streamBytes } from './source.js';
import { systemMessage } from './system-error.js';
import type { OutputTarget } from './target.js';

/** Thrown through everything when a script cannot go on because its connection is gone; psql exits with 2. */
export class SessionEnded extends Error {
  override name = 'SessionEnded';
}

/** What the commands and statements of a script share over all its files (psql's `pset`). */
export class ScriptSession implements ScanHost {
  readonly options: SessionOptions;
  readonly events: ScriptEvents;
  readonly signal: AbortSignal | undefined;
  readonly variables = new VariableStore();
  readonly settings = new ScriptSettings(this.variables);
  /** What `psql -L` writes beside the usual output. */
  logOutput: OutputTarget | undefined;
  readonly stdout: OutputBuffer;
  readonly stderr: OutputBuffer;
  readonly log: MessageLog;
  /** `\cd` and `\setenv` replace it. */
  system: ShellContext;
  readonly standardOutput: OutputTarget;
  /** Where rows go: standard output, or the target of `\o`. */
  queryOutput: OutputTarget;
  /** What was connected to last; undefined after a `\connect` that failed, whose settings are not to be used again. */
  config: ConnectionConfig | undefined;
  /** Undefined when a connection was lost or `\connect` failed. */
  wire: Wire | undefined;
  /** The innermost file being read. */
  file: ScriptFile | undefined;
  /** How rows are printed; `\\pset` replaces it. */
  print: PrintSettings = defaultPrintSettings;
  /** The server's last failure, for `\errverbose`. */
  lastFailure: { readonly message: ServerMessage; readonly query: Query } | undefined;
  /** Makes the request for the next statement, in place of a simple Query (`\bind`). */
  nextRequest: ((text: string) => Buffer) | undefined;
  /** Set by `\restrict KEY`: until `\unrestrict KEY` no other command is allowed. */
  restrictKey: string | undefined;
  /** Statements that are under way without being waited for. */
  readonly ahead = new StatementsAhead(this);
  readonly errors: ScriptError[] = [];
  statements = 0;
  /** Rows of all results so far, which `\watch` counts. */
  rowsPrinted = 0;
  #standardInput: ScriptSource | undefined;

  constructor(config: ConnectionConfig, options: SessionOptions) {
    this.config = config;
    this.options = options;
    this.events = options.on ?? {};
    this.signal = options.signal;
    const { stdout, stderr } = options.output ?? { stdout: nowhere(), stderr: nowhere() };
    this.stdout = new OutputBuffer(stdout, () => this.codec);
    this.stderr = new OutputBuffer(stderr, () => this.codec);
    this.log = new MessageLog(options.program ?? 'slipway', this.stdout, this.stderr);
    this.standardOutput = { buffer: this.stdout, close: async () => undefined };
    this.queryOutput = this.standardOutput;
    for (const [name, value] of initialVariables) this.variables.set(name, value);
    if (options.onErrorStop ?? true) this.variables.set('ON_ERROR_STOP', 'on');
    if (options.quiet ?? true) this.variables.set('QUIET', 'on');
    for (const [name, value] of Object.entries(options.variables ?? {})) this.#setVariable(name, value);
    const env = { ...(options.env ?? process.env) };
    this.system = { cwd: options.cwd ?? process.cwd(), env, stdin: options.input, stdout, stderr };
  }

  /** Text goes to and comes from the server in client_encoding. */
  get codec(): Codec {
    return this.wire?.codec ?? codecFor('UTF8');
  }

  get printsErrors(): boolean {
    return this.options.printErrors ?? true;
  }

  get place(): Place {
    return { file: this.file, line: this.file?.source?.lineNumber ?? 0 };
  }

  /** Says something in psql's manner; an error is kept as a value too. */
  report(level: Level, text: string, place: Place = this.place): void {
    if (level !== 'error' || this.printsErrors) this.log.write(level, text, place);
    if (level === 'error') this.keepError(commandError(text, place));
  }

  keepError(error: ScriptError): void {
    this.errors.push(error);
    this.events.error?.(error);
  }

  /** In-line data of COPY: the lines after the one being read; standard input for a script that has no lines. */
  get dataSource(): ScriptSource {
    return this.file?.source ?? this.standardInput;
  }

  /** The process's standard input, which psql's `-c` reads COPY data from. */
  get standardInput(): ScriptSource {
    this.#standardInput ??= new ScriptSource(streamBytes(this.options.input));
    return this.#standardInput;
  }

  /** Passes on everything that has been printed. */
  async flush(): Promise<void> {
    await this.queryOutput.buffer.finished();
    await this.logOutput?.buffer.finished();
    await this.stdout.finished();
    await this.stderr.finished();
  }

  /** Closes the connection and what `\\o` has opened. */
  async close(): Promise<void> {
    await this.#closeOutput();
    await this.wire?.close();
  }

  /** Leaves the connection to others, with nothing under way; after an interruption it is of no further use. */
  async settle(): Promise<void> {
    if (!this.signal?.aborted) await this.wire?.drain();
    await this.#closeOutput();
  }

  async #closeOutput(): Promise<void> {
    await this.queryOutput.close();
    await this.logOutput?.close();
    await this.flush();
  }

  #setVariable(name: string, value: string): void {
    const fault = this.variables.set(name, value);
    if (fault !== undefined) throw new UserError(fault);
  }

  variable(name: string): string | undefined {
    return this.variables.get(name);
  }

  /** Whether backslashes are ordinary in plain literals; not so, to psql, without a connection. */
  get standardStrings(): boolean {
    return this.wire?.parameters.get('standard_conforming_strings') === 'on';
  }

  active(): boolean {
    return this.file?.conditions.active ?? true;
  }

  connected(): boolean {
    return this.wire !== undefined;
  }

  /** Runs a backtick command; its failure is nobody's business but its own, as in psql. */
  async shell(command: string): Promise<string> {
    if (this.options.restricted) {
      this.report('error', 'shell commands are not allowed in a restricted script');
      return '';
    }
    await this.flush();
    try {
      const { output } = await captureCommand(command, this.system);
      return this.codec.decode(output, 0, output.length).replace(/\n$/, '');
    } catch (error) {
      this.report('error', `${command}: ${systemMessage(error)}`);
      return '';
    }
  }
}

/** The language is psql 18's; scripts that look at its version find that. */
const initialVariables = [
  ['VERSION', 'PostgreSQL 18.0 (Slipway)'],
  ['VERSION_NAME', '18.0'],
  ['VERSION_NUM', '180000'],
  ['LAST_ERROR_MESSAGE', ''],
  ['LAST_ERROR_SQLSTATE', '00000'],
] as const;

function nowhere(): Writable {
  return new PassThrough().resume();
}
