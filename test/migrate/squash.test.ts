import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withMigrations } from './trial.js';
import { assertStatus, flat, startBench } from './workbench.js';

const bench = await startBench();

const files = {
  '20240101000000-first.sql': flat('CREATE SCHEMA shop;', 'DROP SCHEMA shop;'),
  '20240102000000-parts/up/entrypoint.sql':
    '\\ir table.sql\nSET search_path = shop, hectic;\nCREATE VIEW v AS SELECT n FROM t',
  '20240102000000-parts/up/table.sql': 'CREATE TABLE shop.t (n int) INHERITS (hectic.created_at);\r\n',
  '20240102000000-parts/down/entrypoint.sql': 'DROP VIEW shop.v;\nDROP TABLE shop.t;',
  '20240103000000-last.sql': flat(
    'CREATE VIEW w AS SELECT 1 AS n;\nCREATE INDEX i ON shop.t (n);',
    'DROP INDEX shop.i;\nDROP VIEW w;',
  ),
  '20240104000000-more.sql': flat('CREATE VIEW more AS SELECT 2 AS n;', 'DROP VIEW more;'),
};
const names = ['20240101000000-first', '20240102000000-parts', '20240103000000-last', '20240104000000-more'];
const range = ['squash', '20240102000000..20240103000000-last', '--name', 'both'];
const objects =
  "SELECT to_regclass('shop.v')::text || to_regclass('shop.i')::text || to_regclass('public.w')::text || to_regclass('more')::text";

test('a squash takes the place of its migrations on disk, and in databases that have all, none or a part of them', () =>
  bench.with(files, async ({ migrator, applied, values, root, database }) => {
    const directory = join(root, 'migration');
    assertStatus(await migrator(['migrate', 'up', '2']), 0);
    const squashed = await migrator(range);
    assertStatus(squashed, 0);
    assert.match(squashed.stdout, /proved: it leads to the same schema \(\d+ lines\), and back to the same one/);
    assert.deepEqual((await readdir(directory)).sort(), [
      '20240101000000-first.sql',
      '20240103000000-both.sql',
      '20240104000000-more.sql',
      'squashed',
    ]);
    assert.deepEqual((await readdir(join(directory, 'squashed', '20240103000000-both'))).sort(), [
      '20240102000000-parts',
      '20240103000000-last.sql',
    ]);
    const text = await readFile(join(directory, '20240103000000-both.sql'), 'utf8');
    assert.match(text, /^(-- migrate:replaces \S+ [0-9a-f ]+\n){2}-- migrate:up\n/);
    assert.match(
      text,
      /-- from 20240102000000-parts\nCREATE TABLE shop\.t [^\n]*;\n[\s\S]*FROM t\n;\nRESET "search_path";\n/,
    );

    const partial = await migrator(['migrate', 'up']);
    assertStatus(partial, 2);
    assert.match(
      partial.stderr,
      /20240103000000-both stands for 2 migrations, of which the database has 1\n {2}not applied: 20240103000000-last/,
    );
    assert.deepEqual(await applied(), names.slice(0, 2), 'nothing was done');

    await database.client.query('DELETE FROM hectic.migration; DROP VIEW shop.v; DROP TABLE shop.t; DROP SCHEMA shop');
    assertStatus(await migrator(['migrate', 'up']), 0);
    assert.deepEqual(await applied(), [names[0], '20240103000000-both', names[3]], 'from nothing');
    assert.deepEqual(await values(objects), ['shop.vshop.iwmore']);
  }));

test('where all of them are applied, a run makes the history say the squash, and nothing else', () =>
  bench.with(files, async ({ migrator, applied, values }) => {
    assertStatus(await migrator(['migrate', 'up', '3']), 0);
    assertStatus(await migrator([...range, '--delete']), 0);
    const ended = await migrator(['migrate', 'up']);
    assertStatus(ended, 0);
    assert.match(ended.stderr, /20240103000000-both takes the place of the 2 applied migrations/);
    assert.deepEqual(await applied(), [names[0], '20240103000000-both', names[3]]);
    assert.deepEqual(await values(objects), ['shop.vshop.iwmore']);
    assertStatus(await migrator(['migrate', 'down', 'all']), 0);
    assert.deepEqual(await values("SELECT to_regnamespace('shop')"), [null]);
  }));

const refused: readonly [why: string, files: Record<string, string>, range: string, status: number, message: RegExp][] =
  [
    [
      'what does not go together in one transaction',
      {
        '20240101000000-a.sql': flat("CREATE TYPE y AS ENUM ('a');"),
        '20240102000000-b.sql': flat("ALTER TYPE y ADD VALUE 'b';"),
        '20240103000000-c.sql': flat("CREATE VIEW v AS SELECT 'b'::y AS y;", 'DROP VIEW v;'),
      },
      '20240102000000..',
      4,
      /as one transaction it fails, so nothing was written: [\s\S]*unsafe use of new value/,
    ],
    [
      'what leads elsewhere together',
      {
        '20240101000000-a.sql': flat('\\set t one\nCREATE VIEW one AS SELECT 1;'),
        '20240102000000-b.sql': flat('SELECT :{?t} AS told \\gset\n\\if :told\nCREATE VIEW told AS SELECT 1;\n\\endif'),
      },
      '..',
      1,
      /the squash leads to another schema when applied, so nothing was written\n--- the migrations applied/,
    ],
    [
      'what runs without a transaction',
      {
        '20240101000000-a.sql': flat('-- migrate:no-transaction\nSELECT 1;'),
        '20240102000000-b.sql': flat('SELECT 1;'),
      },
      '..',
      2,
      /20240101000000-a runs without a transaction/,
    ],
    ['a range of one', { '20240101000000-a.sql': flat('SELECT 1;') }, '..', 2, /names one migration/],
    ['no range', { '20240101000000-a.sql': flat('SELECT 1;') }, '20240101000000', 2, /is no range of migrations/],
    ['an unknown name', { '20240101000000-a.sql': flat('SELECT 1;') }, 'b..', 9, /there is no migration 'b'/],
  ];

for (const [why, migrations, words, status, message] of refused) {
  test(`a squash refuses ${why}, and writes nothing`, () =>
    withMigrations(migrations, async ({ migrator, directory }) => {
      const ended = await migrator(['squash', words]);
      assertStatus(ended, status);
      assert.match(ended.stderr, message);
      assert.deepEqual((await readdir(directory)).sort(), Object.keys(migrations));
    }));
}
