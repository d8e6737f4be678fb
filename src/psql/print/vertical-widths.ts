import { widest } from './column-widths.js';
import { outputColumns, type TableJob } from './table.js';
import { layOut } from './text.js';

/** The measures of a table with one line a column. */
export interface VerticalMeasures {
  /** Width of the widest name, and of the values as they will be printed. */
  readonly header: number;
  readonly data: number;
  /** Some name has several lines. */
  readonly hasHeaderMarks: boolean;
  /** Some value has several lines, or is wrapped. */
  readonly hasDataMarks: boolean;
}

/** print.c, print_aligned_vertical: natural widths, and in the wrapped format what fits. */
export function measureVertical(job: TableJob, border: number): VerticalMeasures {
  const names = job.table.columns.map(({ name }) => layOut(name));
  const natural = {
    header: Math.max(0, ...names.map(widest)),
    data: 0,
    hasHeaderMarks: names.some((lines) => lines.length > 1),
    hasDataMarks: false,
  };
  for (const row of job.table.rows)
    for (const cell of row) {
      const lines = layOut(cell);
      natural.data = Math.max(natural.data, widest(lines));
      natural.hasDataMarks ||= lines.length > 1;
    }
  return job.settings.format === 'wrapped' ? wrap(job, border, natural) : natural;
}

function wrap(job: TableJob, border: number, natural: VerticalMeasures): VerticalMeasures {
  const isOld = job.settings.linestyle === 'old-ascii';
  const marksTakeSpace = border < 2 && !isOld;
  const spacing = spacingOf(border, natural.hasHeaderMarks, isOld) + (natural.hasDataMarks && marksTakeSpace ? 1 : 0);
  const data = wrappedWidth(job, border, natural, spacing);
  if (data >= natural.data || natural.hasDataMarks || !marksTakeSpace) return { ...natural, data };
  return { ...natural, data: wrappedWidth(job, border, natural, spacing + 1), hasDataMarks: true };
}

/** What stands beside and between name and value. */
function spacingOf(border: number, hasHeaderMarks: boolean, isOld: boolean): number {
  if (border === 0) return hasHeaderMarks ? 2 : 1;
  if (border === 1) return hasHeaderMarks && isOld ? 4 : 3;
  return 7;
}

/** Width of values such that the table fits, but at least 3 columns and enough for the record lines. */
function wrappedWidth(job: TableJob, border: number, { header, data }: VerticalMeasures, spacing: number): number {
  const limit = outputColumns(job);
  const record = recordWidth(job, border);
  const full = Math.max(header + spacing + data, record);
  const least = Math.max(header + spacing + 3, record);
  const total = limit === 0 || limit >= full ? full : Math.max(limit, least);
  return total - header - spacing;
}

/** Width of the longest line `-[ RECORD n ]`. */
function recordWidth({ table, settings }: TableJob, border: number): number {
  if (settings.tuplesOnly) return 0;
  const digits = table.rows.length > 0 ? String(table.rows.length).length : 0;
  return digits + [9, 12, 15][border]!;
}
