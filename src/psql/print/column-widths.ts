import { outputColumns, type TableJob } from './table.js';
import { layOut, type TextLine } from './text.js';

/** The measures of an aligned table. */
export interface Measures {
  /** Width of each column as it will be printed; narrower than its cells where they are wrapped. */
  readonly widths: readonly number[];
  /** Width of the whole table. */
  readonly total: number;
  /** Width that its headers alone need. */
  readonly headerTotal: number;
}

/** Finds the widths of columns from headers and cells, and shrinks them in the wrapped format (print.c, print_aligned_text). */
export function measure(job: TableJob, border: number): Measures {
  const { table, settings } = job;
  const headers = table.columns.map(({ name }) => widthOf(name));
  const widths = [...headers];
  const sums = headers.map(() => 0);
  for (const row of table.rows)
    for (const [index, cell] of row.entries()) {
      const width = widthOf(cell);
      if (width > widths[index]!) widths[index] = width;
      sums[index]! += width;
    }
  const frame = frameWidth(border, headers.length);
  const headerTotal = frame + sum(headers);
  const averages = sums.map((total) => (table.rows.length === 0 ? 0 : Math.floor(total / table.rows.length)));
  const limit = outputColumns(job);
  if (settings.format === 'wrapped' && limit > 0 && limit >= headerTotal)
    shrink(widths, headers, averages, limit - frame);
  return { widths, total: frame + sum(widths), headerTotal };
}

/** Columns that a cell takes: those of its widest line. */
export function widthOf(cell: string): number {
  return widest(layOut(cell));
}

export function widest(lines: readonly TextLine[]): number {
  return lines.reduce((width, line) => Math.max(width, line.width), 0);
}

function frameWidth(border: number, count: number): number {
  if (border === 0) return count;
  return border === 1 ? count * 3 - (count > 0 ? 1 : 0) : count * 3 + 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Takes away one column of width after another where the fewest cells will be wrapped, with a bias against wide columns. */
function shrink(widths: number[], headers: readonly number[], averages: readonly number[], limit: number): void {
  const natural = [...widths];
  const ratio = (index: number) =>
    averages[index] && widths[index]! > headers[index]! ? widths[index]! / averages[index] + natural[index]! * 0.01 : 0;
  for (let total = sum(widths); total > limit; total--) {
    let worst = -1;
    for (const index of widths.keys()) if (ratio(index) > (worst === -1 ? 0 : ratio(worst))) worst = index;
    if (worst === -1) return;
    widths[worst]!--;
  }
}
