import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listPrintOptions, setPrintOption, toggleAligned } from '../../src/psql/print/pset.js';
import { defaultPrintSettings } from '../../src/psql/print/settings.js';
import { withCluster } from '../support/cluster.js';
import { psql, psqlIsMissing } from '../support/psql.js';

/** Arguments of `\pset`, one after another in one session; `a` alone stands for the command `\a`. */
const commands = [
  ...['border', 'border 2', 'border x', 'columns', 'columns 0', 'columns 40', 'csv_fieldsep', 'csv_fieldsep ;'],
  ...["csv_fieldsep ';;'", `csv_fieldsep '"'`, "csv_fieldsep '\\n'", 'csv_fieldsep é', "csv_fieldsep ''"],
  ...[
    'expanded',
    'expanded',
    'x',
    'vertical on',
    'expanded auto',
    'expanded AUTO',
    'expanded',
    'expanded foo',
    'x foo',
  ],
  ...['fieldsep', "fieldsep ', '", 'fieldsep_zero', 'fieldsep', "fieldsep '\\n'", "fieldsep ''", 'fieldsep_zero off'],
  ...[
    'footer',
    'footer',
    'footer off',
    'footer foo',
    'format',
    'format unaligned',
    'format A',
    'format a',
    'format al',
  ],
  ...['format foo', 'format W', 'format csv', 'format c', 'linestyle', 'linestyle u', 'linestyle old', 'linestyle foo'],
  ...['linestyle a', 'null', "null '<null>'", `null "it's"`, 'numericlocale', 'numericlocale', 'numericlocale foo'],
  ...['pager', 'pager', 'pager always', 'pager on', 'pager foo', 'pager_min_lines', 'pager_min_lines 1'],
  ...[
    'pager_min_lines 5',
    'pager_min_lines foo',
    'recordsep',
    "recordsep '\\n'",
    'recordsep_zero',
    'recordsep',
    'recordsep x',
  ],
  ...['tableattr', 'tableattr a', 'T', 'title', 'title foo', `C "it's"`, 'C', 'tuples_only', 't', 't off', 't foo'],
  ...['unicode_border_linestyle', 'unicode_border_linestyle double', 'unicode_border_linestyle x'],
  ...['unicode_column_linestyle d', 'unicode_column_linestyle x', 'unicode_header_linestyle DOUBLE'],
  ...['unicode_header_linestyle x', 'foo', 'foo bar', 'Format', 'a', 'a', 'format csv', 'a', ''],
];

test('print options are set, confirmed and refused as by psql', { skip: psqlIsMissing }, async (t) => {
  await withCluster(async ({ url }) => {
    const lines = commands.map((command) => `\\${command === 'a' ? 'a' : `pset ${command}`}\n\\echo <<next>>\n`);
    const script = lines.join('').replaceAll('\\pset \n', '\\pset\n');
    const expected = (await psql(url, script, ['-f', '-'])).replaceAll(/^psql:<stdin>:\d+: /gm, '').split('<<next>>\n');
    let settings = defaultPrintSettings;
    for (const [index, command] of commands.entries()) {
      const result = apply(settings, command);
      settings = result.settings;
      await t.test(`\\pset ${command}, number ${index}`, () => assert.equal(result.text, expected[index]));
    }
  });
});

function apply(settings: typeof defaultPrintSettings, command: string) {
  if (command === '') return { settings, text: listPrintOptions(settings) };
  const [, name, value] = /^(\S+)(?: (.*))?$/.exec(command)!;
  const result = command === 'a' ? toggleAligned(settings) : setPrintOption(settings, name!, unquote(value));
  if ('failure' in result) return { settings, text: `error: ${result.failure}\n` };
  return { settings: result.settings, text: result.confirmation };
}

function unquote(argument: string | undefined): string | undefined {
  if (!argument?.startsWith("'")) return argument;
  return argument.slice(1, -1).replaceAll('\\n', '\n');
}
