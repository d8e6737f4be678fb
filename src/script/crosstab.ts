import type { Column } from '../postgres/messages.js';
import { queryTable } from '../psql/print/query-table.js';
import type { PrintSettings } from '../psql/print/settings.js';
import type { Table } from '../psql/print/table.js';
import { dequoteName } from '../psql/slash/argument.js';
import type { Row, RowsResult } from './results.js';

/** A result cannot be shown as a cross table; the message says why. */
export class CrosstabFault extends Error {}

const mostColumns = 1600;

/**
 * `\crosstabview [ROWS [COLUMNS [VALUES [SORT]]]]`: one line for every value of the first column, one column for every value of the
 * second, and the third in the cells (psql's crosstabview.c). Columns are given by number or name.
 */
export function crosstab({ columns, rows }: RowsResult, wanted: readonly string[], settings: PrintSettings): Table {
  const { down, across, data, sort } = chooseColumns(columns, wanted);
  const lines = distinct(rows, down);
  const heads = distinct(sort === undefined ? rows : sorted(rows, sort), across);
  if (heads.length > mostColumns) throw new CrosstabFault(`maximum number of columns (${mostColumns}) exceeded`);
  const cells = lines.map(() => heads.map((): string | null | undefined => undefined));
  for (const row of rows) {
    const line = cells[lines.indexOf(row[down] ?? null)]!;
    const at = heads.indexOf(row[across] ?? null);
    if (line[at] !== undefined) throw repeated(row[down] ?? null, row[across] ?? null, settings);
    line[at] = row[data] ?? null;
  }
  const described = [columns[down]!, ...heads.map((name) => ({ ...columns[data]!, name: name ?? settings.null }))];
  const filled = cells.map((line, index) => [
    lines[index] ?? null,
    ...line.map((cell) => (cell === undefined ? '' : cell)),
  ]);
  return queryTable(described, filled, settings);
}

function chooseColumns(columns: readonly Column[], [first, second, third, fourth]: readonly string[]) {
  if (columns.length < 3) throw new CrosstabFault('query must return at least three columns');
  const down = first === undefined ? 0 : indexOf(columns, first);
  const across = second === undefined ? 1 : indexOf(columns, second);
  if (down === across) throw new CrosstabFault('vertical and horizontal headers must be different columns');
  if (third === undefined && columns.length > 3) {
    throw new CrosstabFault('data column must be specified when query returns more than three columns');
  }
  const data =
    third === undefined ? [0, 1, 2].find((index) => index !== down && index !== across)! : indexOf(columns, third);
  return { down, across, data, sort: fourth === undefined ? undefined : indexOf(columns, fourth) };
}

function indexOf(columns: readonly Column[], text: string): number {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    if (number >= 1 && number <= columns.length) return number - 1;
    throw new CrosstabFault(`column number ${number} is out of range 1..${columns.length}`);
  }
  const wanted = dequoteName(text, true);
  const [found, ...more] = columns.flatMap(({ name }, index) => (name === wanted ? [index] : []));
  if (more.length > 0) throw new CrosstabFault(`ambiguous column name: "${text}"`);
  if (found === undefined) throw new CrosstabFault(`column name not found: "${text}"`);
  return found;
}

/** The values of a column in the order of their first appearance. */
function distinct(rows: readonly Row[], index: number): (string | null)[] {
  return [...new Set(rows.map((row) => row[index] ?? null))];
}

function sorted(rows: readonly Row[], index: number): Row[] {
  return rows.toSorted((a, b) => Number(a[index] ?? 0) - Number(b[index] ?? 0));
}

function repeated(row: string | null, column: string | null, settings: PrintSettings): CrosstabFault {
  const shown = (value: string | null) => value ?? (settings.null || '(null)');
  return new CrosstabFault(
    `query result contains multiple data values for row "${shown(row)}", column "${shown(column)}"`,
  );
}
