import type { Readable, Writable } from 'node:stream';
import type { ServerMessage } from '../postgres/messages.js';
import type { ScriptError, ScriptPlace } from './errors.js';
import type { Result } from './results.js';

/** A statement and where it ends. */
export interface ScriptStatement {
  readonly text: string;
  readonly stack: readonly ScriptPlace[];
}

/** Hooks; each is called as the thing happens, before anything that comes after it. */
export interface ScriptEvents {
  /** A file begins: the files around it, outermost first, and it at the end. */
  file?(stack: readonly ScriptPlace[]): void;
  /** A statement, just before its results. Inside a block it may have been sent already. */
  statement?(statement: ScriptStatement): void;
  /** A result, or with FETCH_COUNT each portion of its rows. */
  result?(result: Result): void;
  notice?(message: ServerMessage): void;
  error?(error: ScriptError): void;
}

export interface SessionOptions {
  /** Name at the head of messages (`slipway:FILE:LINE: …`). */
  readonly program?: string | undefined;
  /** psql variables that are set before anything runs. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** Stop at the first failure (psql's ON_ERROR_STOP); true unless said otherwise. */
  readonly onErrorStop?: boolean | undefined;
  /** Leave out command tags and other remarks (`psql -q`); true unless said otherwise. */
  readonly quiet?: boolean | undefined;
  /** Print failures to `output.stderr` as psql does; true unless said otherwise. A caller that shows the outcome's errors says no. */
  readonly printErrors?: boolean | undefined;
  /** Cancels what runs on the server and rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Environment of the script: PG* variables, `\getenv`, shell commands; the process's own when omitted. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Directory that relative paths start from; the process's own when omitted. */
  readonly cwd?: string | undefined;
  /** Where results and messages go; nowhere when omitted. */
  readonly output?: { readonly stdout: Writable; readonly stderr: Writable } | undefined;
  /** Standard input, for `\prompt`, `\copy … from pstdin` and commands; empty when omitted. */
  readonly input?: Readable | undefined;
  /**
   * Forbids shell commands and files: backticks, `\\!`, `\\copy` with a program or a file, `\\o`, `\\w`, `\\g` with a target, `\\cd`, `\\setenv`,
   * large objects; files may only be included from under `includeRoot`.
   */
  readonly restricted?: boolean | { readonly includeRoot: string } | undefined;
  /**
   * Sends statements outside transactions ahead, many in one transaction; after a failure they are run again one by one. What can differ
   * from running them singly: now() and the other times of a transaction, ON COMMIT actions, when deferred constraints are
   * checked, what other sessions see meanwhile, and numbers that sequences have given away to a failed attempt.
   */
  readonly batch?: boolean | undefined;
  /** Why a statement is not to be sent, undefined when it may be: it is asked before each one, and what it refuses has failed. */
  readonly refuse?: ((text: string) => string | undefined) | undefined;
  /**
   * Is awaited before each statement, which then waits for the ones before it. One that it answers `skip` for is passed over as if it
   * had succeeded without a result.
   */
  readonly beforeStatement?: ((statement: ScriptStatement) => Promise<'send' | 'skip'>) | undefined;
  readonly on?: ScriptEvents | undefined;
}
