import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoundtripResult } from '../../src/migrate/roundtrip.js';
import { withMigrations } from './trial.js';
import { assertStatus, flat } from './workbench.js';

const files = {
  '20240101000000-sound.sql': flat(
    'CREATE SCHEMA shop;\nCREATE TABLE shop.t (id int) INHERITS (hectic.created_at);',
    'DROP SCHEMA shop CASCADE;',
  ),
  '20240102000000-liar.sql': flat('ALTER TABLE shop.t ADD c int, ADD d text;', 'ALTER TABLE shop.t DROP c;'),
  '20240103000000-stuck.sql': '-- migrate:up\nCREATE INDEX ON shop.t (c);\n',
  '20240104000000-broken.sql': flat('CREATE VIEW shop.v AS SELECT 1 AS a;', 'DROP VIEW v;'),
  '20240105000000-other.sql': flat(
    "SELECT CASE WHEN to_regclass('shop.v1') IS NULL THEN 'v1' ELSE 'v2' END AS name \\gset\nCREATE VIEW shop.:name AS SELECT 1 AS a;",
    'ALTER VIEW shop.v1 RENAME TO v2;\nDROP VIEW shop.v2;\nCREATE VIEW shop.v1 AS SELECT 1 AS a;',
  ),
  '20240106000000-alone.sql': flat(
    '-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY alone ON shop.t (d);',
    'DROP INDEX shop.alone;',
  ),
};

test('a round trip tells which ways down lie, shows how, and goes on with the next migration', () =>
  withMigrations(files, async ({ migrator }) => {
    const ended = await migrator(['roundtrip']);
    assertStatus(ended, 1);
    const lines = ended.stdout.split('\n').filter((line) => /^\S/.test(line));
    assert.deepEqual(lines, [
      'ok 20240101000000-sound',
      'not ok 20240102000000-liar: its down.sql does not lead back to the schema of before',
      'not ok 20240102000000-liar: it cannot be applied again after it was undone',
      '- 20240103000000-stuck: it has no way down',
      'not ok 20240104000000-broken: its down.sql fails',
      'not ok 20240105000000-other: its down.sql does not lead back to the schema of before',
      'not ok 20240105000000-other: applied again, it leads to another schema',
      'ok 20240106000000-alone',
      '2 sound, 3 wrong, 1 without a way down',
    ]);
    assert.match(ended.stdout, /^ {2}--- before 20240102000000-liar\n {2}\+\+\+ after up and down\n/m);
    assert.match(ended.stdout, /^ {2}\+ {4}d text$/m);
    assert.match(ended.stdout, /^ {2}.*20240104000000-broken\.sql:4: view "v" does not exist/m);
  }));

test('named migrations alone are tried, on top of those before them', () =>
  withMigrations(files, async ({ migrator }) => {
    const ended = await migrator(['roundtrip', '--json', '20240104000000-broken', '20240101000000']);
    assertStatus(ended, 1);
    const results: RoundtripResult[] = JSON.parse(ended.stdout);
    assert.deepEqual(
      results.map(({ migration, faults }) => [migration, faults.map(({ kind }) => kind)]),
      [
        ['20240101000000-sound', []],
        ['20240104000000-broken', ['down-fails']],
      ],
    );
  }));

test('what cannot be applied in the first place is an error of its own', () =>
  withMigrations({ '20240101000000-a.sql': flat('SELECT 1 / 0;') }, async ({ migrator }) => {
    const ended = await migrator(['roundtrip']);
    assertStatus(ended, 4);
    assert.match(ended.stderr, /20240101000000-a\.sql:2: division by zero/);
    assert.equal((await migrator(['roundtrip', 'unknown'])).status, 9);
  }));
