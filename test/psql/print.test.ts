import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printTable } from '../../src/psql/print/print.js';
import { queryTable, type ResultColumn } from '../../src/psql/print/query-table.js';
import { defaultPrintSettings, type PrintSettings } from '../../src/psql/print/settings.js';
import { quoteIdentifier, quoteLiteral } from '../../src/sql/quote.js';
import { withCluster } from '../support/cluster.js';
import { psql, psqlIsMissing } from '../support/psql.js';

type Rows = readonly (readonly (string | null)[])[];

const types: Readonly<Record<string, number>> = { text: 25, integer: 23, numeric: 1700 };

/** Tables by what is special about them: columns as `name type`, and rows. */
const tables: Readonly<Record<string, { columns: readonly string[]; rows: Rows }>> = {
  plain: {
    columns: ['a text', 'number integer'],
    rows: [
      ['one', '1'],
      ['twenty-two', '22'],
      [null, null],
    ],
  },
  'one column': { columns: ['a text'], rows: [['x'], ['']] },
  'one row': { columns: ['x integer'], rows: [['1']] },
  'no rows': { columns: ['a text', 'b integer'], rows: [] },
  'no columns': { columns: [], rows: [[], []] },
  'several lines': {
    columns: ['a text', 'b integer', 'c text'],
    rows: [
      ['1\n2\n3', '5', 'x'],
      ['y', '7', 'p\nq'],
      ['\n', '8', '\nlast'],
      ['end\n', '', ''],
    ].map((row) => row.map((cell, index) => (index === 1 && cell === '' ? null : cell))),
  },
  'names of several lines': {
    columns: ['first\nname text', 'n integer', 'x\ny\nzzzz text'],
    rows: [
      ['a', '1', 'b'],
      ['aaaaaaaaaaaa', '2', 'c\nd\ne\nf'],
    ],
  },
  'long values': {
    columns: ['id integer', 'words text', 'more text'],
    rows: [
      [
        '1',
        'the quick brown fox jumps over the lazy dog',
        'and then some more of it, this time a little longer than before',
      ],
      ['1000', 'short', 'a\nlonger line in the middle of the value\nb'],
    ],
  },
  wide: {
    columns: ['水の名 text', 'é text'],
    rows: [
      ['水水水', 'e\u0301'],
      ['😀', 'ab'],
      ['ｱ水', '\u3099x'],
    ],
  },
  control: {
    columns: ['a text', 'b text'],
    rows: [
      ['a\tb', 'x\ry'],
      ['\u0007', '\u0085z'],
      ['1234567\t8', '\t'],
    ],
  },
  quotes: {
    columns: ['a"b text', 'c,d text'],
    rows: [
      ['x"y', '1,2'],
      ['\\.', 'a\nb'],
      ['a|b', ' '],
      ['a;b', '.'],
    ],
  },
  numbers: {
    columns: ['n numeric', 'i integer'],
    rows: [
      ['1234567.8901', '-1234567'],
      ['-0.5', '100'],
      ['NaN', '1000'],
    ],
  },
  'one long row': { columns: ['a text', 'b text'], rows: [['x'.repeat(70), 'y']] },
  'many rows': { columns: ['n integer'], rows: Array.from({ length: 12 }, (_, n) => [String(n)]) },
};

type Setting = Partial<PrintSettings>;

const looks: readonly Setting[] = [
  ...[0, 1, 2].flatMap((border) => [
    { border },
    { border, linestyle: 'old-ascii' as const },
    { border, linestyle: 'unicode' as const },
  ]),
  { border: 2, linestyle: 'unicode', unicodeBorder: 'double' },
  { border: 2, linestyle: 'unicode', unicodeColumn: 'double' },
  { border: 2, linestyle: 'unicode', unicodeHeader: 'double' },
  { border: 2, linestyle: 'unicode', unicodeHeader: 'double', unicodeColumn: 'double', unicodeBorder: 'double' },
];

const variations: readonly Setting[] = [
  ...looks.flatMap((look) => [
    look,
    { ...look, expanded: 'on' as const },
    { ...look, tuplesOnly: true },
    { ...look, tuplesOnly: true, expanded: 'on' as const },
    { ...look, format: 'wrapped' as const, columns: 30 },
    { ...look, format: 'wrapped' as const, columns: 30, expanded: 'on' as const },
    { ...look, format: 'wrapped' as const, columns: 17, tuplesOnly: true },
  ]),
  { border: 3 },
  { title: 'The title' },
  { title: 'The title', expanded: 'on' },
  { title: 'The title', tuplesOnly: true },
  { title: 'The title', format: 'unaligned' },
  { title: 'The title', format: 'unaligned', expanded: 'on' },
  { title: 'A title that is longer than most of the tables that it stands above, really' },
  { null: '<null>' },
  { footer: false },
  { footer: false, format: 'unaligned' },
  { numericLocale: true },
  { expanded: 'auto', columns: 40 },
  { expanded: 'auto', columns: 15 },
  { expanded: 'auto', format: 'wrapped', columns: 20 },
  { format: 'wrapped', columns: 60 },
  { format: 'wrapped', columns: 5 },
  { format: 'wrapped', columns: 5, expanded: 'on' },
  ...(['on', 'off'] as const).flatMap((expanded): Setting[] => [
    { format: 'unaligned', expanded },
    { format: 'unaligned', expanded, tuplesOnly: true },
    { format: 'unaligned', expanded, fieldSeparator: '\0', recordSeparator: '\0' },
    { format: 'unaligned', expanded, fieldSeparator: ', ', recordSeparator: ';\n' },
    { format: 'csv', expanded },
    { format: 'csv', expanded, tuplesOnly: true },
    { format: 'csv', expanded, csvFieldSeparator: ';' },
    { format: 'csv', expanded, csvFieldSeparator: '.' },
  ]),
];

test('tables are printed as psql prints them', { skip: psqlIsMissing }, async (t) => {
  await withCluster(async ({ url }) => {
    for (const [name, { columns, rows }] of Object.entries(tables)) {
      const described = columns.map((column): ResultColumn => {
        const [, columnName, type] = /^(.*) (\w+)$/s.exec(column)!;
        return { name: columnName!, typeOid: types[type!]! };
      });
      const outputs = await judge(url, query(columns, rows));
      for (const [index, variation] of variations.entries())
        await t.test(`${name}, ${JSON.stringify(variation)}`, () => {
          const settings = { ...defaultPrintSettings, ...variation };
          const printed = [...printTable(queryTable(described, rows, settings), settings)].join('');
          assert.equal(printed, outputs[index]);
        });
    }
  });
});

/** What psql prints for a query under each of the variations. */
async function judge(url: string, sql: string): Promise<string[]> {
  const marker = '<<next>>\n';
  const script = variations.map((variation) => `${commands(variation)}${sql}\n\\echo <<next>>\n`).join('');
  return (await psql(url, script, ['-q'])).split(marker).slice(0, -1);
}

function commands(variation: Setting): string {
  const { unicodeBorder, unicodeColumn, unicodeHeader, ...settings } = { ...defaultPrintSettings, ...variation };
  const separator = (option: string, value: string) =>
    value === '\0' ? `\\pset ${option}_zero on\n` : `\\pset ${option} ${argument(value)}\n`;
  return [
    `\\pset format ${settings.format}\n\\pset expanded ${settings.expanded}\n\\pset border ${settings.border}\n`,
    `\\pset linestyle ${settings.linestyle}\n\\pset unicode_border_linestyle ${unicodeBorder}\n`,
    `\\pset unicode_column_linestyle ${unicodeColumn}\n\\pset unicode_header_linestyle ${unicodeHeader}\n`,
    `\\pset tuples_only ${settings.tuplesOnly ? 'on' : 'off'}\n\\pset footer ${settings.footer ? 'on' : 'off'}\n`,
    settings.title === undefined ? '\\pset title\n' : `\\pset title ${argument(settings.title)}\n`,
    `\\pset null ${argument(settings.null)}\n\\pset numericlocale ${settings.numericLocale ? 'on' : 'off'}\n`,
    `\\pset columns ${settings.columns}\n\\pset csv_fieldsep ${argument(settings.csvFieldSeparator)}\n`,
    separator('fieldsep', settings.fieldSeparator),
    separator('recordsep', settings.recordSeparator),
  ].join('');
}

function argument(value: string): string {
  return `'${value.replaceAll("'", "''").replaceAll('\n', '\\n')}'`;
}

function query(columns: readonly string[], rows: Rows): string {
  const select = (row: readonly (string | null)[]) =>
    `select ${row.map((value, index) => cell(value, columns[index]!)).join(', ')}`;
  const empty = columns.map((column) => cell(null, column)).join(', ');
  return rows.length === 0 ? `select ${empty} where false;` : `${rows.map(select).join(' union all ')};`;
}

function cell(value: string | null, column: string): string {
  const [, name, type] = /^(.*) (\w+)$/s.exec(column)!;
  const literal = value === null ? 'null' : quoteLiteral(value);
  return `cast(${literal} as ${type}) as ${quoteIdentifier(name!)}`;
}
