import { footersOf, type TableJob, titleOf } from './table.js';

/** Rows on lines of their own, columns parted by the field separator (print.c, print_unaligned_text). */
export function* unaligned(job: TableJob): Generator<string> {
  const { table, settings, part } = job;
  const { fieldSeparator, recordSeparator } = settings;
  const title = titleOf(job);
  if (title !== undefined) yield title + recordSeparator;
  let isPending = !part.isFirst;
  if (part.isFirst && !settings.tuplesOnly) {
    yield table.columns.map(({ name }) => name).join(fieldSeparator);
    isPending = true;
  }
  for (const record of [...recordsOf(job), ...(part.isLast ? footersOf(job) : [])]) {
    yield (isPending ? recordSeparator : '') + record;
    isPending = true;
  }
  if (part.isLast && isPending) yield terminatorOf(recordSeparator);
}

function recordsOf({ table, settings }: TableJob): string[] {
  if (table.columns.length === 0) return [];
  return table.rows.map((row) => row.join(settings.fieldSeparator));
}

/** The last record ends with a newline whatever the separator, unless that is the zero byte (for `xargs -0`). */
function terminatorOf(recordSeparator: string): string {
  return recordSeparator === '\0' ? recordSeparator : '\n';
}

/** Columns on lines of their own, rows parted by an empty record (print.c, print_unaligned_vertical). */
export function* unalignedExpanded(job: TableJob): Generator<string> {
  const { table, settings, part } = job;
  const { fieldSeparator, recordSeparator, tuplesOnly } = settings;
  const title = titleOf(job);
  if (title !== undefined) yield title;
  let isPending = !part.isFirst || title !== undefined;
  for (const row of table.columns.length === 0 ? [] : table.rows) {
    const fields = row.map((cell, index) => table.columns[index]!.name + fieldSeparator + cell);
    yield (isPending ? recordSeparator.repeat(2) : '') + fields.join(recordSeparator);
    isPending = true;
  }
  if (!part.isLast) return;
  if (!tuplesOnly && table.footers !== undefined)
    yield recordSeparator + table.footers.map((footer) => recordSeparator + footer).join('');
  if (isPending) yield terminatorOf(recordSeparator);
}
