/** Exit codes of every command (the table in the seed of the development tool; 4 belongs to the migrator). */
export const ExitCode = {
  generic: 1,
  ambiguous: 2,
  missing: 3,
  migrationFailed: 4,
  noSuchTable: 5,
  notFound: 9,
  bug: 13,
  missingDependency: 127,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface UserErrorOptions extends ErrorOptions {
  /** The remedy: what the reader can do now, as one or more full lines. */
  hint?: string | undefined;
  /** Status of the process; `ExitCode.generic` when omitted. A signal's status (130, 143) is allowed as well. */
  exitCode?: number;
}

/** A failure that its reader can do something about. It is shown as message and hint, without a stack. */
export class UserError extends Error {
  override name = 'UserError';
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, { hint, exitCode = ExitCode.generic, ...options }: UserErrorOptions = {}) {
    super(message, options);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a Node system error or the SQLSTATE of a server error; undefined for anything else. */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
