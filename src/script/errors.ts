import type { ServerMessage } from '../postgres/messages.js';

/** A line of a script. */
export interface ScriptPlace {
  /** The file as it was opened; undefined for text without a name, such as standard input. */
  readonly file: string | undefined;
  /** Counted from 1; in an including file the line of the `\i`. */
  readonly line: number;
}

/** Something that went wrong while a script ran, as a value. */
export interface ScriptError {
  /** Who found it: the server, the engine (a command that failed), or the connection, which is gone. */
  readonly kind: 'server' | 'command' | 'connection';
  readonly message: string;
  /** The files that were being read, outermost first; the last one holds the fault. */
  readonly stack: readonly ScriptPlace[];
  /** Where the fault itself is: for the server's errors the line of the position it names, else the line being read. */
  readonly line: number | undefined;
  /** Counted from 1, in characters; undefined when no column is known. */
  readonly column: number | undefined;
  /** The source line at fault, and below it a caret when the column is known. */
  readonly excerpt: string | undefined;
  readonly severity: string | undefined;
  readonly sqlstate: string | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  /** The server's context: functions and statements, innermost first. */
  readonly context: string | undefined;
  /** The statement as it was sent. */
  readonly statement: string | undefined;
  /** Every field of the server's message by its protocol code. */
  readonly fields: ServerMessage | undefined;
}

/**
 * A ScriptError for people, over several lines: `file:line:column`, message (after the severity, when that is worse than
 * an error) and SQLSTATE, excerpt with caret, detail, hint, context, and the
 * files that included this one.
 */
export function describe(error: ScriptError): string {
  const { severity, sqlstate, message, excerpt, detail, hint, context, stack } = error;
  const code = sqlstate === undefined ? '' : ` (SQLSTATE ${sqlstate})`;
  const worse = severity === undefined || severity === 'ERROR' ? '' : `${severity.toLowerCase()}: `;
  const lines = [`${placeOf(error)}${worse}${message}${code}`];
  if (excerpt !== undefined) lines.push(indent(excerpt, '  '));
  if (detail !== undefined) lines.push(`detail: ${indent(detail, '  ').trimStart()}`);
  if (hint !== undefined) lines.push(`hint: ${indent(hint, '  ').trimStart()}`);
  if (context !== undefined) lines.push(`context: ${indent(context, '  ').trimStart()}`);
  for (const { file, line } of stack.slice(0, -1).reverse()) lines.push(`included from ${file ?? '<input>'}:${line}`);
  return lines.join('\n');
}

function placeOf({ stack, line, column }: ScriptError): string {
  const file = stack.at(-1)?.file;
  const parts = [file, line, column].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `${parts.join(':')}: `;
}

function indent(text: string, by: string): string {
  return text.replace(/^/gm, by);
}
