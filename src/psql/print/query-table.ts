import type { PrintSettings } from './settings.js';
import type { Table, TableColumn } from './table.js';

/** A column of a query's result. */
export interface ResultColumn {
  readonly name: string;
  readonly typeOid: number;
}

/** Types whose values stand at the right: int8, int2, int4, oid, xid, cid, float4, float8, money, numeric, xid8. */
const rightAligned: ReadonlySet<number> = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069]);

/** The result of a query as a table (print.c, printQuery): null is shown as the settings say. */
export function queryTable(
  columns: readonly ResultColumn[],
  rows: readonly (readonly (string | null)[])[],
  settings: PrintSettings,
): Table {
  const described = columns.map(
    ({ name, typeOid }): TableColumn => ({ name, align: rightAligned.has(typeOid) ? 'right' : 'left' }),
  );
  const show = (value: string | null, index: number) => {
    if (value === null) return settings.null;
    return settings.numericLocale && described[index]!.align === 'right' ? groupDigits(value) : value;
  };
  return { columns: described, rows: rows.map((row) => row.map(show)), title: settings.title };
}

/** A number with its thousands parted by commas; anything else as it is (print.c, format_numeric_locale in the C locale). */
export function groupDigits(value: string): string {
  const match = /^([-+]?)(\d*)([-+.eE\d]*)$/.exec(value);
  if (match === null) return value;
  const [, sign, whole, rest] = match;
  return `${sign}${whole!.replace(/\B(?=(?:\d{3})+$)/g, ',')}${rest}`;
}
