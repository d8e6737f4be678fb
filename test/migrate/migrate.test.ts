import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertStatus, flat, startBench } from './workbench.js';

const bench = await startBench();

const table = (name: string) => `CREATE TABLE public.${name} (x int) INHERITS (hectic.created_at);`;

const threeLayouts = {
  "20240101000000-it's one/up.sql": table('one'),
  "20240101000000-it's one/down.sql": 'DROP TABLE one;',
  '20240102000000-two/up/entrypoint.sql': '\\ir part.sql\n',
  '20240102000000-two/up/part.sql': table('two'),
  '20240102000000-two/down/entrypoint.sql': 'DROP TABLE two;',
  '20240103000000-three.sql': flat(table('three'), 'DROP TABLE three;'),
  'README.md': 'not a migration',
};
const names = ["20240101000000-it's one", '20240102000000-two', '20240103000000-three'];
const tables = `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`;

test('all three layouts are applied, in order, and undone again', () =>
  bench.with(threeLayouts, async ({ migrator, applied, values }) => {
    assertStatus(await migrator(['migrate', 'up']), 0);
    assert.deepEqual(await applied(), names);
    assert.deepEqual(await values(tables), ['one', 'three', 'two']);
    assertStatus(await migrator(['migrate', 'down', '2']), 0);
    assert.deepEqual(await applied(), names.slice(0, 1));
    assertStatus(await migrator(['migrate', 'down']), 0);
    assert.deepEqual(await values(tables), []);
  }));

/** The command, and how many of the three are applied after it when they all stand on disk and the first one is applied. */
const wishes: readonly (readonly [argv: readonly string[], applied: number])[] = [
  [['migrate', 'up'], 3],
  [['migrate', 'up', '1'], 2],
  [['migrate', 'up', '0'], 1],
  [['migrate', 'up', '9'], 3],
  [['migrate', 'up', 'all'], 3],
  [['migrate', 'up', 'latest'], 3],
  [['migrate', 'up', 'head'], 3],
  [['migrate', 'to', 'latest'], 3],
  [['migrate', 'to', 'head'], 3],
  [['migrate', 'to', 'last'], 3],
  [['migrate', 'to', '20240102000000-two'], 2],
  [['migrate', 'to', '20240102000000'], 2],
  [['migrate', 'to', "20240101000000-it's one"], 1],
  [['migrate', 'down'], 0],
  [['migrate', 'down', 'all'], 0],
];

test('up, down and to lead from the first of three to where they say', () =>
  bench.with(threeLayouts, async ({ migrator, applied }) => {
    for (const [argv, count] of wishes) {
      assertStatus(await migrator(['migrate', 'to', "20240101000000-it's one"]), 0);
      assertStatus(await migrator(argv), 0);
      assert.deepEqual(await applied(), names.slice(0, count), argv.join(' '));
    }
  }));

test('a migration that fails leaves nothing behind, and its error names the line of the flat file', () =>
  bench.with(
    { '20240101000000-a.sql': flat(table('a')), '20240102000000-b.sql': flat(`${table('b')}\n\nSELECT nope;`) },
    async ({ migrator, applied, values }) => {
      const ended = await migrator(['migrate', 'up']);
      assertStatus(ended, 4);
      assert.match(
        ended.stderr,
        /20240102000000-b failed and was rolled back\n.*20240102000000-b\.sql:4:8: column "nope"/,
      );
      assert.match(ended.stderr, /done before it, and committed: 20240101000000-a/);
      assert.deepEqual(await applied(), ['20240101000000-a']);
      assert.deepEqual(await values(tables), ['a']);
    },
  ));

test('a deferred constraint that fails at the end rolls the migration back', () =>
  bench.with(
    {
      '20240101000000-a.sql': flat(
        `${table('a')} ALTER TABLE a ADD UNIQUE (x) DEFERRABLE INITIALLY DEFERRED; INSERT INTO a (x) VALUES (1), (1);`,
      ),
    },
    async ({ migrator, applied, values }) => {
      const ended = await migrator(['migrate', 'up']);
      assertStatus(ended, 4);
      assert.match(ended.stderr, /duplicate key value.*\(SQLSTATE 23505\)/);
      assert.deepEqual([await applied(), await values(tables)], [[], []]);
    },
  ));

test('a run with nothing to do writes nothing', () =>
  bench.with(threeLayouts, async ({ migrator, values }) => {
    await migrator(['migrate', 'up']);
    const before = await values('SELECT pg_current_wal_insert_lsn()');
    const ended = await migrator(['migrate', 'up']);
    assert.deepEqual({ ...ended, stderr: ended.stderr.trim() }, { status: 0, stdout: '', stderr: 'nothing to do' });
    assert.deepEqual(await values('SELECT pg_current_wal_insert_lsn()'), before);
  }));

test('the target is named before anything is done to it', () =>
  bench.with(threeLayouts, async ({ migrator, database }) => {
    const { stderr } = await migrator(['migrate', 'up']);
    assert.match(stderr, new RegExp(`^database ${database.name} on .* as user `));
  }));
