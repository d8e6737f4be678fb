import type { PrintSettings } from './settings.js';

export interface TableColumn {
  readonly name: string;
  readonly align: 'left' | 'right';
}

/** What is printed as one table. */
export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Printed above the table. */
  readonly title?: string | undefined;
  /** Lines below the table, in place of `(n rows)`. */
  readonly footers?: readonly string[] | undefined;
}

/** Which part of a table is printed when it comes in portions (FETCH_COUNT). */
export interface TablePart {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Rows that earlier portions held. */
  readonly priorRows: number;
}

export const wholeTable: TablePart = { isFirst: true, isLast: true, priorRows: 0 };

/** All that the printing of a table depends on. */
export interface TableJob {
  readonly table: Table;
  readonly settings: PrintSettings;
  readonly part: TablePart;
  /** Columns of the terminal that the table is printed on; 0 for a file or a pipe. */
  readonly terminalColumns: number;
}

/** The lines below a table: its own, or the count of rows; none when only rows are wanted. */
export function footersOf({ table, settings, part }: TableJob): readonly string[] {
  if (settings.tuplesOnly) return [];
  if (table.footers !== undefined) return table.footers;
  const count = part.priorRows + table.rows.length;
  return settings.footer ? [`(${count} ${count === 1 ? 'row' : 'rows'})`] : [];
}

/** The title to be printed above this part of a table. */
export function titleOf({ table, settings, part }: TableJob): string | undefined {
  return part.isFirst && !settings.tuplesOnly ? table.title : undefined;
}

/** The width to fit a table into; 0 when there is no limit. */
export function outputColumns({ settings, terminalColumns }: TableJob): number {
  return settings.columns > 0 ? settings.columns : terminalColumns;
}
