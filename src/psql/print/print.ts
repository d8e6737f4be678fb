import { hideBytes, showBytes } from '../bytes.js';
import { aligned } from './aligned.js';
import { csv, csvExpanded } from './csv.js';
import type { PrintSettings } from './settings.js';
import { type Table, type TableJob, type TablePart, wholeTable } from './table.js';
import { unaligned, unalignedExpanded } from './unaligned.js';
import { alignedExpanded } from './vertical.js';

export interface PrintOptions {
  /** Columns of the terminal that is printed on; 0, the default, for a file or a pipe. */
  readonly terminalColumns?: number;
  /** The portion that is printed, when a table comes in several; the whole table by default. */
  readonly part?: TablePart;
  /** The table's texts are bytes, not characters: none of them is a control character but the ASCII ones. */
  readonly isBytes?: boolean;
}

/** A table as text, in pieces of about a row (print.c, printTable). */
export function* printTable(table: Table, settings: PrintSettings, options: PrintOptions = {}): Generator<string> {
  if (options.isBytes) for (const piece of pieces(hideHigh(table), settings, options)) yield showBytes(piece);
  else yield* pieces(table, settings, options);
}

function hideHigh(table: Table): Table {
  const hide = (text: string) => (/[\x80-\x9f]/.test(text) ? hideBytes(text, (index) => text[index]! > '\x7f') : text);
  return {
    ...table,
    columns: table.columns.map((column) => ({ ...column, name: hide(column.name) })),
    rows: table.rows.map((row) => row.map(hide)),
  };
}

function pieces(
  table: Table,
  settings: PrintSettings,
  { terminalColumns = 0, part = wholeTable }: PrintOptions,
): Generator<string> {
  const job: TableJob = { table, settings, part, terminalColumns };
  const isExpanded = settings.expanded === 'on';
  switch (settings.format) {
    case 'unaligned':
      return isExpanded ? unalignedExpanded(job) : unaligned(job);
    case 'csv':
      return isExpanded ? csvExpanded(job) : csv(job);
    default:
      return isExpanded ? alignedExpanded(job) : aligned(job);
  }
}
