import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rules } from '../../src/migrate/lint/rules.js';
import { root } from '../support/cli.js';
import { assertStatus, flat, startBench } from './workbench.js';

const bench = await startBench();

const add = 'ALTER TABLE shop.item ADD COLUMN price int NOT NULL;';
const quick = flat(`CREATE SCHEMA shop;\nCREATE TABLE shop.item (id int);\n${add}`);
const noDatabase = { DB_URL: '' };

test('a finding has its place, its rule, its lock and a remedy, and the status is 1', () =>
  bench.with(
    {
      '20240101000000-quick.sql': quick,
      '20240102000000-slow.sql': flat(
        `\\set n 1\nCOPY shop.item FROM STDIN;\n7\nTRUNCATE o;\n\\.\n\n${add}\nSELECT :n;`,
      ),
    },
    async ({ migrator }) => {
      const ended = await migrator(['lint'], noDatabase);
      assertStatus(ended, 1);
      const [place, why, remedy, summary, ...rest] = ended.stdout.split('\n');
      assert.match(place ?? '', /20240102000000-slow\.sql:8: add-required-column: ADD COLUMN .*: shop\.item$/);
      assert.match(why ?? '', /it fails as soon as the table has a row \(ACCESS EXCLUSIVE lock\)$/);
      assert.match(remedy ?? '', /^ {2}instead: give it a constant DEFAULT/);
      assert.match(summary ?? '', /^1 finding in 1 of 2 migrations/);
      assert.deepEqual(rest, ['']);
    },
  ));

test('statements of included files count where they are included', () =>
  bench.with(
    {
      '20240101000000-a/up/entrypoint.sql': '\\ir table.sql\nCREATE INDEX ON t (a);\n\\ir later.sql\nTRUNCATE made;\n',
      '20240101000000-a/up/table.sql': 'CREATE TABLE t (a int);',
      '20240101000000-a/up/later.sql': 'CREATE TABLE made ();\n-- lint:ignore truncate\nTRUNCATE o;\nTRUNCATE p;',
      '20240101000000-a/down/entrypoint.sql': 'DROP TABLE t, made;',
    },
    async ({ migrator }) => {
      const { stdout } = await migrator(['lint', '--json'], noDatabase);
      const { migrations, findings } = JSON.parse(stdout);
      assert.deepEqual(migrations, ['20240101000000-a']);
      assert.deepEqual(
        findings.map(({ file, line, rule, relation }: Record<string, string>) => [
          file?.split('/').at(-1),
          line,
          rule,
          relation,
        ]),
        [['later.sql', 4, 'truncate', 'p']],
      );
    },
  ));

test('with a database only what it does not have is looked at, unless migrations are named', () =>
  bench.with(
    {
      '20240101000000-a.sql': flat('SELECT 1;\nTRUNCATE hectic.nothing;'),
      '20240102000000-b.sql': flat('TRUNCATE t;'),
    },
    async ({ migrator, write, values }) => {
      const names = async (argv: readonly string[]) =>
        JSON.parse((await migrator(['lint', '--json', ...argv])).stdout).migrations;
      assert.deepEqual(await names([]), ['20240101000000-a', '20240102000000-b']);
      await write({ '20240101000000-a.sql': flat('SELECT 1;'), '20240102000000-b.sql': flat('SELECT 2;') });
      assertStatus(await migrator(['migrate', 'up', '1']), 0);
      assert.deepEqual(await names([]), ['20240102000000-b']);
      assert.deepEqual(await names(['20240101000000']), ['20240101000000-a']);
      const ended = await migrator(['lint']);
      assertStatus(ended, 0);
      assert.equal(ended.stdout, 'nothing dangerous in 1 migration\n');
      assert.deepEqual(await values('SELECT count(*)::int FROM hectic.migration'), [1]);
    },
  ));

test('a name that is no migration is an error that lists near ones', () =>
  bench.with({ '20240101000000-apples.sql': flat('SELECT 1;') }, async ({ migrator }) => {
    const ended = await migrator(['lint', 'aples'], noDatabase);
    assertStatus(ended, 9);
    assert.match(ended.stderr, /there is no migration 'aples'[\s\S]*20240101000000-apples/);
  }));

test('every rule can be listed, without a directory or a database', async () => {
  const list = execFileSync(join(root, 'bin', 'migrator'), ['lint', '--rules'], { encoding: 'utf8', cwd: '/' });
  assert.match(
    list,
    /^create-index: CREATE INDEX without CONCURRENTLY\n {2}lock: SHARE, which blocks writes\n {2}why: .*\n {2}instead: /m,
  );
});

test('the documentation has every rule as it is', () => {
  const page = readFileSync(join(root, 'docs', 'migrator.md'), 'utf8');
  for (const { name, shape, lock = '', why, remedy } of rules) {
    assert.ok(page.includes(`| \`${name}\` | ${shape} | ${lock} | ${why} | ${remedy} |`), name);
  }
});

test('files alone are looked at without loading the driver', () => {
  const program = `
    const { lintMigrations } = await import('./dist/src/migrate/lint/migrations.js');
    await lintMigrations({ directory: 'bench', cwd: '.', env: {}, variables: {} }, []);
    const { createRequire } = await import('node:module');
    console.log(Object.keys(createRequire(import.meta.url).cache).filter((path) => /\\/pg\\//.test(path)).length);`;
  const loaded = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(loaded, '0\n');
});
