import { printTable } from '../psql/print/print.js';
import { queryTable } from '../psql/print/query-table.js';
import type { PrintSettings } from '../psql/print/settings.js';
import { type Table, type TablePart, wholeTable } from '../psql/print/table.js';
import type { OutputBuffer } from './output.js';
import type { RowsResult } from './results.js';
import type { ScriptSession } from './session.js';

export interface RowsPrinting {
  /** The session's own when undefined. */
  readonly settings?: PrintSettings | undefined;
  /** False when more rows of the same result follow. */
  readonly isLast?: boolean;
}

/** Prints the rows of a result, or of a portion of it. */
export function printRows(
  session: ScriptSession,
  { columns, rows, priorRows }: RowsResult,
  output: OutputBuffer,
  { settings = session.print, isLast = true }: RowsPrinting = {},
): void {
  session.rowsPrinted += rows.length;
  const part = { isFirst: priorRows === 0, isLast, priorRows };
  printAsTable(session, queryTable(columns, rows, settings), output, { settings, part });
}

/** Prints a table, to the log file as well. */
export function printAsTable(
  session: ScriptSession,
  table: Table,
  output: OutputBuffer,
  { settings = session.print, part = wholeTable }: { settings?: PrintSettings; part?: TablePart } = {},
): void {
  const isBytes = (session.wire?.clientEncoding ?? 'UTF8') !== 'UTF8';
  for (const piece of printTable(table, settings, { terminalColumns: output.columns, part, isBytes })) {
    output.write(piece);
    session.logOutput?.buffer.write(piece);
  }
}

/** Prints the tag of a command (common.c, PrintQueryStatus). */
export function printTag({ settings, queryOutput, variables, logOutput }: ScriptSession, tag: string): void {
  if (!settings.quiet) queryOutput.buffer.write(`${tag}\n`);
  logOutput?.buffer.write(`${tag}\n`);
  variables.set('LASTOID', tag.startsWith('INSERT 0 ') ? '0' : (/^INSERT (\d+) /.exec(tag)?.[1] ?? '0'));
}
