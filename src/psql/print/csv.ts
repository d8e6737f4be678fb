import type { TableJob } from './table.js';

/** Comma-separated values (RFC 4180, with newlines as line ends) as print.c writes them. */
export function* csv({ table, settings, part }: TableJob): Generator<string> {
  const { csvFieldSeparator: separator, tuplesOnly } = settings;
  const line = (fields: readonly string[]) => `${fields.map((field) => quote(field, separator)).join(separator)}\n`;
  if (part.isFirst && !tuplesOnly) yield line(table.columns.map(({ name }) => name));
  for (const row of table.columns.length === 0 ? [] : table.rows) yield line(row);
}

/** One line a column: its name and its value. */
export function* csvExpanded({ table, settings }: TableJob): Generator<string> {
  const { csvFieldSeparator: separator } = settings;
  for (const row of table.rows)
    for (const [index, cell] of row.entries())
      yield `${quote(table.columns[index]!.name, separator)}${separator}${quote(cell, separator)}\n`;
}

/** A line that holds only `\.` would end COPY's data, so it is never left bare. */
function quote(field: string, separator: string): string {
  const isBare =
    !field.includes(separator) && !/[\r\n"]/.test(field) && field !== '\\.' && separator !== '\\' && separator !== '.';
  return isBare ? field : `"${field.replaceAll('"', '""')}"`;
}
