import type { Query } from '../../psql/lexer/query.js';
import type { ArgumentKind, ArgumentOptions } from '../../psql/slash/argument.js';
import type { CommandScanner } from '../../psql/slash/scanner.js';
import type { ScriptFile } from '../file.js';
import type { ScriptSession } from '../session.js';

/** How a command ended; one that sends the query buffer says how. */
export type CommandOutcome = 'done' | 'failed' | 'quit' | { readonly send: (query: Query) => Promise<boolean> };

/** A backslash command that is being run. */
export interface Command {
  readonly session: ScriptSession;
  readonly file: ScriptFile;
  /** As it was written: `i` or `include`. */
  readonly name: string;
  readonly scanner: CommandScanner;
}

export type CommandHandler = (command: Command) => CommandOutcome | Promise<CommandOutcome>;

export interface CommandRule {
  readonly run: CommandHandler;
  /** How its arguments are read in a skipped branch, where it does nothing. */
  readonly skip?: ArgumentKind;
  /** Runs in skipped branches as well: `\if` and its companions. */
  readonly always?: true;
}

/** Commands by name, aliases included. */
export type CommandTable = Readonly<Record<string, CommandRule>>;

/** The text of the next argument, undefined when there is none. */
export async function argument(
  { scanner }: Command,
  kind: ArgumentKind = 'normal',
  options: ArgumentOptions = {},
): Promise<string | undefined> {
  return (await scanner.argument(kind, options))?.text;
}

/** Reports why a command failed. */
export function failed({ session, name }: Command, text: string): 'failed' {
  session.report('error', `\\${name}: ${text}`);
  return 'failed';
}

export function outcomeOf(isSound: boolean): 'done' | 'failed' {
  return isSound ? 'done' : 'failed';
}

/** True, and reported, when a restricted script asks for a shell or a file. */
export function isForbidden(command: Command, what: string): boolean {
  if (!command.session.options.restricted) return false;
  failed(command, `${what} not allowed in a restricted script`);
  return true;
}
