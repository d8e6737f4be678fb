import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Case, Judge, psqlVersion } from '../script/conformance.js';
import { withCluster } from '../support/cluster.js';

const script = (text: string, ...args: string[]): Case => ({ script: text, args: [...args, '-f', 's.sql'] });

/** Scripts about what is printed, and how. */
const cases: Readonly<Record<string, Case>> = {
  'expanded for one query': script("select 1 as a, 'x' as b \\gx\nselect 1 as a;\n"),
  'options for one query': script(
    "select 1 as a, 'x' as b \\g (format=unaligned fieldsep=',' tuples_only)\nselect 1 as a \\g ( border=2 )\nselect 1 as a;\n",
  ),
  'options for an expanded query': script('select 1 as a \\gx (border=2)\n'),
  'a wrong option for one query': script('select 1 as a \\g (nope)\n;\nselect 2;\n'),
  'a wrong value among options for one query': script('select 1 as a \\g (format=nope border=x)\n;\n'),
  'options without an end': script('select 1 as a \\g (border=2\n;\nselect 2;\n'),
  'expanded output as a setting': script('\\x\nselect 1 as a, 2 as b;\n\\x auto\nselect 1 as a;\n\\x off\n\\x nope\n'),
  'rows only': script('\\t\nselect 1 as a;\n\\t off\nselect 1 as a;\n'),
  'aligned and back': script('\\a\nselect 1 as a, null as b;\n\\f ;\nselect 1 as a, null as b;\n\\a\nselect 1;\n'),
  'a title': script("\\C 'The title'\nselect 1;\n\\C\nselect 1;\n"),
  'null and numbers': script(
    "\\pset null '<null>'\n\\pset numericlocale\nselect null as n, 1234567.89 as m, '12345' as t;\n",
  ),
  'settings for a quiet session': script('\\pset border 2\n\\x\nselect 1 as a;\n', '-q'),
  'the settings that the command line gives': script('select 1 as a, 2 as b;\n', '-A', '-t', '-F', ';', '-R', '!'),
  'zero bytes as separators': script('select 1 as a, 2 as b;\n', '-A', '-z', '-0'),
  'csv from the command line': script("select 1 as a, 'x,y' as b;\n", '--csv'),
  'an expanded table from the command line': script('select 1 as a;\n', '-x', '-P', 'border=2'),
  'a print setting that does not exist': script('select 1;\n', '-P', 'nope=1'),
  'rows of a statement that changes them': script(
    'create table a (n int);\ninsert into a values (1), (2) returning *;\n',
  ),
  'several results of one string': script('select 1 as a\\; select 2 as b, 3 as c;\n'),
  'the same without the first ones': script('\\set SHOW_ALL_RESULTS off\nselect 1 as a\\; select 2 as b;\n'),
  'a table without columns': script('select;\nselect from generate_series(1, 3);\n'),
  'bytes of characters that look like backslashes and quotes': {
    script: Buffer.from(
      "\\encoding SJIS\n\\set v '\x95\\'\nselect length('\x95\\'), 1 as \x95\\;\nselect length(:'v');\n",
      'latin1',
    ),
  },
  'bytes that are no control characters': {
    script: Buffer.from("\\encoding WIN1252\nselect '\x80 5' as price, 'x' as y;\nselect '\x80', nope;\n", 'latin1'),
  },
  'names with line breaks': script('select 1 as "a\nb", 2 as c;\n'),
};

test('what psql prints, ours prints', {
  skip: (await psqlVersion()) === undefined && 'psql is not installed',
}, async (t) => {
  await withCluster(async (cluster) => {
    const judge = new Judge(cluster);
    await judge.prepare();
    for (const [name, given] of Object.entries(cases))
      await t.test(name, async () => assert.deepEqual(await judge.ours(given), await judge.psql(given)));
  });
});
