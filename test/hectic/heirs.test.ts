import assert from 'node:assert/strict';
import { test } from 'node:test';
import type pg from 'pg';
import { majorVersion, startServer } from './server.js';

const server = await startServer();

/** Names of the triggers on a table, in order. */
async function triggersOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query('SELECT tgname FROM pg_trigger WHERE tgrelid = $1::regclass ORDER BY 1', [table]);
  return rows.map(({ tgname }) => tgname);
}

const keeps = ['hectic_set_updated_at'];
const blocks = ['hectic_block_immutable_dml', 'hectic_block_immutable_rows', 'hectic_block_immutable_truncate'];

/** [a table …, SQL that makes table t, its triggers] */
const tables: readonly (readonly [string, string, readonly string[]])[] = [
  ['with hectic.updated_at', 'CREATE TABLE t () INHERITS (hectic.created_at, hectic.updated_at)', keeps],
  ['with hectic.immutable', 'CREATE TABLE t () INHERITS (hectic.created_at, hectic.immutable)', blocks],
  ['with neither', 'CREATE TABLE t () INHERITS (hectic.created_at)', []],
  [
    'inside CREATE SCHEMA',
    'CREATE SCHEMA s CREATE TABLE t () INHERITS (hectic.created_at, hectic.immutable); SET LOCAL search_path = s',
    blocks,
  ],
  [
    'in an excluded schema',
    `CREATE SCHEMA s; SET LOCAL hectic.inheritance_extra_excluded_schemas = 's'; SET LOCAL search_path = s;
     CREATE TABLE t () INHERITS (hectic.immutable)`,
    blocks,
  ],
  ['that is temporary', 'CREATE TEMP TABLE t () INHERITS (hectic.updated_at)', keeps],
  [
    'below an heir',
    'CREATE TABLE a () INHERITS (hectic.created_at, hectic.immutable); CREATE TABLE t () INHERITS (a)',
    blocks,
  ],
  [
    'that gains the parents later',
    `CREATE TABLE t (updated_at timestamptz NOT NULL DEFAULT now()) INHERITS (hectic.created_at);
     ALTER TABLE t INHERIT hectic.updated_at; ALTER TABLE t INHERIT hectic.immutable`,
    [...blocks, ...keeps],
  ],
  [
    'whose parent gains them later',
    `CREATE TABLE a (updated_at timestamptz NOT NULL DEFAULT now()) INHERITS (hectic.created_at);
     CREATE TABLE t () INHERITS (a); ALTER TABLE a INHERIT hectic.updated_at`,
    keeps,
  ],
  [
    'that loses the parents',
    `CREATE TABLE t () INHERITS (hectic.created_at, hectic.updated_at, hectic.immutable);
     ALTER TABLE t NO INHERIT hectic.updated_at; ALTER TABLE t NO INHERIT hectic.immutable`,
    [],
  ],
  [
    'whose parent loses them',
    `CREATE TABLE a () INHERITS (hectic.created_at, hectic.immutable); CREATE TABLE t () INHERITS (a);
     ALTER TABLE a NO INHERIT hectic.immutable`,
    [],
  ],
  [
    'that loses one of two ways to a parent',
    `CREATE TABLE a () INHERITS (hectic.created_at, hectic.immutable); CREATE TABLE t () INHERITS (a, hectic.immutable);
     ALTER TABLE t NO INHERIT hectic.immutable`,
    blocks,
  ],
  [
    'that got the trigger from its owner',
    `CREATE TABLE t (updated_at timestamptz) INHERITS (hectic.created_at);
     CREATE TRIGGER hectic_set_updated_at BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION hectic.set_updated_at();
     ALTER TABLE t ADD x int`,
    keeps,
  ],
  [
    'that is partitioned and got the trigger from its owner',
    `CREATE TABLE t (id int, created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz) PARTITION BY RANGE (id);
     CREATE TRIGGER hectic_set_updated_at BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION hectic.set_updated_at();
     ALTER TABLE t ADD x int`,
    keeps,
  ],
];

test('triggers follow what a table inherits', async (t) => {
  await server.withDatabase(async ({ client }) => {
    for (const [name, sql, triggers] of tables) {
      await t.test(`a table ${name}: ${triggers.join(', ') || 'none'}`, async () => {
        await client.query('BEGIN');
        await client.query(sql);
        assert.deepEqual(await triggersOf(client, 't'), triggers);
        await client.query('ROLLBACK');
      });
    }
  });
});

test('updated_at becomes the time of the transaction at every update, whatever the statement says', () =>
  server.withDatabase(async ({ client }) => {
    await client.query('CREATE TABLE t (id int) INHERITS (hectic.created_at, hectic.updated_at)');
    await client.query("INSERT INTO t (id, created_at, updated_at) VALUES (1, '2001-01-01', '2001-01-01')");
    const { rows } = await client.query(`UPDATE t SET updated_at = '2002-02-02'
      RETURNING updated_at = now() AS set, created_at = '2001-01-01' AS kept`);
    assert.deepEqual(rows, [{ set: true, kept: true }]);
  }));

const frozen = `
  CREATE TABLE plain (id int PRIMARY KEY) INHERITS (hectic.created_at);
  CREATE TABLE frozen (label text) INHERITS (plain, hectic.immutable);
  ALTER TABLE frozen ADD PRIMARY KEY (id);
  CREATE TABLE below () INHERITS (frozen);
  CREATE VIEW view AS SELECT id, label FROM frozen;
  CREATE TABLE owner (id int PRIMARY KEY) INHERITS (hectic.created_at);
  CREATE TABLE owned (id int REFERENCES owner ON DELETE CASCADE) INHERITS (hectic.created_at, hectic.immutable);
  BEGIN;
  SET LOCAL hectic.migration_mode = 'on';
  INSERT INTO frozen (id, label) VALUES (1, 'x');
  INSERT INTO owner (id) VALUES (1);
  INSERT INTO owned (id) VALUES (1);
  COMMIT`;

/** [what, statement, first major version that has it] */
const changes: readonly (readonly [string, string, number?])[] = [
  ['INSERT', "INSERT INTO frozen (id, label) VALUES (2, 'y')"],
  ['INSERT of no row', 'INSERT INTO frozen (id) SELECT 2 WHERE false'],
  ['UPDATE', "UPDATE frozen SET label = 'z'"],
  ['UPDATE of no row', "UPDATE frozen SET label = 'z' WHERE false"],
  ['DELETE', 'DELETE FROM frozen'],
  ['TRUNCATE', 'TRUNCATE frozen'],
  ['ON CONFLICT DO NOTHING', 'INSERT INTO frozen (id) VALUES (1) ON CONFLICT DO NOTHING'],
  ['ON CONFLICT DO UPDATE', "INSERT INTO frozen (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET label = 'z'"],
  [
    'MERGE',
    "MERGE INTO frozen f USING (VALUES (1)) s (id) ON f.id = s.id WHEN MATCHED THEN UPDATE SET label = 'z'",
    15,
  ],
  ['COPY', "COPY frozen (id) FROM PROGRAM 'echo 2'"],
  ['INSERT into a child', 'INSERT INTO below (id) VALUES (3)'],
  ['UPDATE through a mutable parent', 'UPDATE plain SET id = 9'],
  ['DELETE through a mutable parent', 'DELETE FROM plain'],
  ['TRUNCATE through a mutable parent', 'TRUNCATE plain'],
  ['UPDATE through a view', "UPDATE view SET label = 'z'"],
  ['DELETE by a foreign key', 'DELETE FROM owner'],
  ['UPDATE inside WITH', "WITH w AS (UPDATE frozen SET label = 'z' RETURNING 1) SELECT * FROM w"],
  ['UPDATE by a function', "DO $$ BEGIN UPDATE frozen SET label = 'z'; END $$"],
];

test('immutable tables refuse every change outside migration mode, and take it inside', async (t) => {
  await server.withDatabase(async ({ client }) => {
    await client.query(frozen);
    const version = await majorVersion(client);
    for (const [what, sql] of changes.filter(([, , since = 14]) => since <= version)) {
      await t.test(what, async () => {
        await assert.rejects(client.query(sql), (error: pg.DatabaseError) => {
          assert.match(error.message, /^table public\.\w+ is immutable: \w+ is refused outside migration mode$/);
          assert.match(error.hint ?? '', /SET LOCAL hectic\.migration_mode = 'on'/);
          return true;
        });
        await client.query('BEGIN');
        await client.query("SET LOCAL hectic.migration_mode = 'on'");
        await client.query(sql);
        await client.query('ROLLBACK');
      });
    }
  });
});

/** Messages to the server; after them a change must be refused. */
const leaks: readonly (readonly [string, ...string[]])[] = [
  [
    'SET LOCAL ends at COMMIT',
    "BEGIN; SET LOCAL hectic.migration_mode = 'on'; INSERT INTO frozen (id) VALUES (5)",
    'COMMIT',
  ],
  ['SET LOCAL ends at ROLLBACK', "BEGIN; SET LOCAL hectic.migration_mode = 'on'", 'ROLLBACK'],
  ['SET in a transaction ends at COMMIT', "BEGIN; SET hectic.migration_mode = 'on'; DELETE FROM frozen", 'COMMIT'],
  ['SET ends with its first change', "SET hectic.migration_mode = 'on'", 'INSERT INTO frozen (id) VALUES (7)'],
  ['off is off', "SET hectic.migration_mode = 'off'"],
  ['anything but a yes is off', "SET hectic.migration_mode = 'onwards'"],
];

test('migration mode does not leak', async (t) => {
  await server.withDatabase(async ({ client }) => {
    await client.query(frozen);
    for (const [name, ...messages] of leaks) {
      await t.test(name, async () => {
        for (const message of messages) await client.query(message);
        await assert.rejects(client.query('DELETE FROM frozen'), /is immutable/);
      });
    }
  });
});

test('a savepoint or a function may hold the permission', () =>
  server.withDatabase(async ({ client }) => {
    await client.query(frozen);
    await client.query(`CREATE FUNCTION fill() RETURNS void LANGUAGE sql SET hectic.migration_mode = 'on'
                        AS 'INSERT INTO frozen (id) VALUES (8)'`);
    await client.query('SELECT fill()');
    await client.query('BEGIN; SAVEPOINT s');
    await client.query("SET LOCAL hectic.migration_mode = 'yes'; DELETE FROM frozen");
    await client.query('ROLLBACK TO s');
    await assert.rejects(client.query('DELETE FROM frozen'), /is immutable/);
    await client.query('ROLLBACK');
  }));

test('the parents refuse what would reach all their heirs, also in migration mode', async (t) => {
  await server.withDatabase(async ({ client }) => {
    await client.query(frozen);
    for (const parent of ['hectic.created_at', 'hectic.updated_at', 'hectic.immutable']) {
      for (const sql of [`DELETE FROM ${parent}`, `TRUNCATE ${parent}`, `INSERT INTO ${parent} DEFAULT VALUES`]) {
        await t.test(sql, async () => {
          await client.query("BEGIN; SET LOCAL hectic.migration_mode = 'on'");
          await assert.rejects(client.query(sql), /holds no rows of its own/);
          await client.query('ROLLBACK');
        });
      }
    }
  });
});
