import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type pg from 'pg';
import { quoteLiteral } from '../../src/sql/quote.js';
import { withDirectory } from '../support/cluster.js';
import { majorVersion, startServer, type TestDatabase } from './server.js';

const server = await startServer();

/** Each case runs in a transaction of its own, which is rolled back. */
interface Case {
  readonly name: string;
  /** Statements that must work, one array element a message to the server. */
  readonly given?: string;
  readonly sql: string;
  /** The refusal's message and hint; without it the statement must work. */
  readonly refused?: RegExp;
  readonly hint?: RegExp;
}

async function check({ client }: TestDatabase, { given, sql, refused, hint }: Case): Promise<void> {
  await client.query('BEGIN');
  try {
    if (given !== undefined) await client.query(given);
    if (refused === undefined) await client.query(sql);
    else await assert.rejects(client.query(sql), expected(refused, hint));
  } finally {
    await client.query('ROLLBACK');
  }
}

function expected(message: RegExp, hint?: RegExp) {
  return (error: pg.DatabaseError) => {
    assert.match(error.message, message);
    if (hint !== undefined) assert.match(error.hint ?? '', hint);
    return true;
  };
}

const createdAt: readonly Case[] = [
  { name: 'a table that inherits the parent', sql: 'CREATE TABLE t (id int) INHERITS (hectic.created_at)' },
  {
    name: 'a table that inherits it through another',
    given: 'CREATE TABLE base (id int) INHERITS (hectic.created_at)',
    sql: 'CREATE TABLE t () INHERITS (base)',
  },
  {
    name: 'a plain table',
    sql: 'CREATE TABLE public.t (id int)',
    refused: /^table public\.t does not inherit hectic\.created_at$/,
    hint: /CREATE TABLE public\.t \(…\) INHERITS \(hectic\.created_at\)/,
  },
  {
    name: 'a plain table whose name needs quotes',
    sql: 'CREATE TABLE "Sp ace" (id int)',
    refused: /^table public\."Sp ace" does not/,
  },
  {
    name: 'a table that only has the column',
    sql: 'CREATE TABLE t (created_at timestamptz NOT NULL DEFAULT now())',
    refused: /does not inherit/,
  },
  { name: 'an unlogged table', sql: 'CREATE UNLOGGED TABLE t (id int)', refused: /does not inherit/ },
  {
    name: 'CREATE TABLE AS',
    sql: 'CREATE TABLE t AS SELECT 1 AS id',
    refused: /^table public\.t does not inherit/,
    hint: /First: CREATE TABLE public\.t \(…\) INHERITS \(hectic\.created_at\); then: INSERT INTO public\.t SELECT …$/m,
  },
  {
    name: 'SELECT INTO',
    sql: 'SELECT 1 AS id INTO t',
    refused: /^table public\.t does not inherit/,
    hint: /cannot inherit/,
  },
  {
    name: 'CREATE TABLE AS EXECUTE',
    given: 'PREPARE q AS SELECT 1 AS id',
    sql: 'CREATE TABLE t AS EXECUTE q',
    refused: /does not inherit/,
  },
  {
    name: 'CREATE TABLE LIKE',
    given: 'CREATE TABLE base (id int) INHERITS (hectic.created_at)',
    sql: 'CREATE TABLE t (LIKE base INCLUDING ALL)',
    refused: /does not inherit/,
  },
  {
    name: 'CREATE TABLE AS that finds its table there',
    given: 'CREATE TABLE t (id int) INHERITS (hectic.created_at)',
    sql: 'CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS id',
  },
  {
    name: 'a table inside CREATE SCHEMA',
    sql: 'CREATE SCHEMA s CREATE TABLE t (id int)',
    refused: /^table s\.t does not/,
  },
  {
    name: 'a table that a function makes',
    sql: "DO $$ BEGIN EXECUTE 'CREATE TABLE t (id int)'; END $$",
    refused: /does not inherit/,
  },
  {
    name: 'NO INHERIT of the parent',
    given: 'CREATE TABLE t (id int) INHERITS (hectic.created_at)',
    sql: 'ALTER TABLE t NO INHERIT hectic.created_at',
    refused: /^table public\.t does not inherit/,
    hint: /No table loses this parent/,
  },
  {
    name: 'NO INHERIT of one of two ways to the parent',
    given: 'CREATE TABLE a (id int) INHERITS (hectic.created_at); CREATE TABLE t () INHERITS (a, hectic.created_at)',
    sql: 'ALTER TABLE t NO INHERIT hectic.created_at',
  },
  {
    name: 'NO INHERIT of the last indirect way',
    given: 'CREATE TABLE a (id int) INHERITS (hectic.created_at); CREATE TABLE t () INHERITS (a)',
    sql: 'ALTER TABLE t NO INHERIT a',
    refused: /does not inherit/,
  },
  {
    name: 'NO INHERIT of the table between',
    given: 'CREATE TABLE a (id int) INHERITS (hectic.created_at); CREATE TABLE t () INHERITS (a)',
    sql: 'ALTER TABLE a NO INHERIT hectic.created_at',
    refused: /^table public\.a does not inherit/,
  },
  { name: 'a temporary table', sql: 'CREATE TEMP TABLE t (id int)' },
  { name: 'a temporary CREATE TABLE AS', sql: 'CREATE TEMP TABLE t AS SELECT 1 AS id' },
  { name: 'SELECT INTO TEMP', sql: 'SELECT 1 AS id INTO TEMP t' },
  { name: 'a view and a materialised view', sql: 'CREATE VIEW v AS SELECT 1; CREATE MATERIALIZED VIEW m AS SELECT 1' },
  {
    name: 'a foreign table',
    given: 'CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw',
    sql: 'CREATE FOREIGN TABLE t (id int) SERVER s',
  },
  {
    name: 'a partitioned table with the column, and its partitions',
    sql: `CREATE TABLE p (id int, created_at timestamptz NOT NULL DEFAULT now()) PARTITION BY RANGE (id);
          CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (9) PARTITION BY RANGE (id);
          CREATE TABLE p11 PARTITION OF p1 DEFAULT`,
  },
  {
    name: 'a partitioned table with CURRENT_TIMESTAMP',
    sql: 'CREATE TABLE p (id int, created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP) PARTITION BY RANGE (id)',
  },
  {
    name: 'a partitioned table without the column',
    sql: 'CREATE TABLE p (id int) PARTITION BY RANGE (id)',
    refused: /^table public\.p has no column created_at timestamptz NOT NULL DEFAULT now\(\)$/,
    hint: /Give public\.p the column: created_at timestamptz NOT NULL DEFAULT now\(\)/,
  },
  ...[
    'created_at timestamptz DEFAULT now()',
    'created_at timestamptz NOT NULL',
    'created_at timestamp NOT NULL DEFAULT now()',
    "created_at timestamptz NOT NULL DEFAULT '2020-01-01'",
  ].map((column) => ({
    name: `a partitioned table with ${column}`,
    sql: `CREATE TABLE p (id int, ${column}) PARTITION BY RANGE (id)`,
    refused: /^table public\.p has no column/,
  })),
  ...[
    'ALTER created_at DROP DEFAULT',
    'ALTER created_at DROP NOT NULL',
    'DROP created_at',
    'RENAME created_at TO made_at',
  ].map((change) => ({
    name: `a partitioned table that would lose the column: ${change}`,
    given: 'CREATE TABLE p (id int, created_at timestamptz NOT NULL DEFAULT now()) PARTITION BY RANGE (id)',
    sql: `ALTER TABLE p ${change}`,
    refused: /^table public\.p has no column/,
  })),
  {
    name: 'a detached partition, then changed, and attached again',
    given: `CREATE TABLE p (id int, created_at timestamptz NOT NULL DEFAULT now()) PARTITION BY RANGE (id);
            CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (9)`,
    sql: `ALTER TABLE p DETACH PARTITION p1; ALTER TABLE p1 ADD CHECK (id > 0);
          ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM (1) TO (9)`,
  },
  {
    name: 'a table that is to be attached, made while its schema is excluded',
    given: 'CREATE TABLE p (id int, created_at timestamptz NOT NULL DEFAULT now()) PARTITION BY RANGE (id)',
    sql: `SET LOCAL hectic.inheritance_extra_excluded_schemas = 'public'; CREATE TABLE p1 (LIKE p INCLUDING DEFAULTS);
          SET LOCAL hectic.inheritance_extra_excluded_schemas = ''; ALTER TABLE p ATTACH PARTITION p1 DEFAULT`,
  },
  {
    name: 'a typed table with the column',
    given: 'CREATE TYPE ty AS (id int, created_at timestamptz)',
    sql: 'CREATE TABLE t OF ty (created_at WITH OPTIONS NOT NULL DEFAULT now())',
  },
  {
    name: 'a typed table without its default',
    given: 'CREATE TYPE ty AS (id int, created_at timestamptz)',
    sql: 'CREATE TABLE t OF ty',
    refused: /^table public\.t has no column/,
    hint: /created_at WITH OPTIONS NOT NULL DEFAULT now\(\)/,
  },
  ...['legacy', ' etl , legacy ', '"legacy"', 'LEGACY'].map((list) => ({
    name: `a schema excluded by ${JSON.stringify(list)}`,
    given: `CREATE SCHEMA legacy; SET LOCAL hectic.inheritance_extra_excluded_schemas = '${list}'`,
    sql: 'CREATE TABLE legacy.t (id int)',
  })),
  {
    name: 'an excluded schema whose name holds a comma, a quote and capitals',
    given: `CREATE SCHEMA "A, ""b"""; SET LOCAL hectic.inheritance_extra_excluded_schemas = 'x, "A, ""b""" ,y'`,
    sql: 'CREATE TABLE "A, ""b""".t (id int)',
  },
  ...['', 'legac', 'legacyx', '"LEGACY"', ','].map((list) => ({
    name: `a schema not excluded by ${JSON.stringify(list)}`,
    given: `CREATE SCHEMA legacy; SET LOCAL hectic.inheritance_extra_excluded_schemas = '${list}'`,
    sql: 'CREATE TABLE legacy.t (id int)',
    refused: /does not inherit/,
  })),
  {
    name: 'a table that leaves an excluded schema',
    given: `CREATE SCHEMA legacy; SET LOCAL hectic.inheritance_extra_excluded_schemas = 'legacy'; CREATE TABLE legacy.t (id int)`,
    sql: 'ALTER TABLE legacy.t SET SCHEMA public',
    refused: /^table public\.t does not inherit/,
    hint: /ALTER TABLE public\.t INHERIT hectic\.created_at/,
  },
  {
    name: 'an excluded schema that is renamed',
    given: `CREATE SCHEMA legacy; SET LOCAL hectic.inheritance_extra_excluded_schemas = 'legacy'; CREATE TABLE legacy.t (id int)`,
    sql: 'ALTER SCHEMA legacy RENAME TO app',
    refused: /^table app\.t does not inherit/,
  },
  {
    name: 'a table that is renamed',
    given: 'CREATE TABLE t (id int) INHERITS (hectic.created_at)',
    sql: 'ALTER TABLE t RENAME TO u',
  },
  {
    name: 'changes of a table that is older than the bundle',
    given: `SET LOCAL hectic.inheritance_extra_excluded_schemas = 'public'; CREATE TABLE t (id int);
            SET LOCAL hectic.inheritance_extra_excluded_schemas = ''`,
    sql: `ALTER TABLE t ADD created_at timestamptz NOT NULL DEFAULT now(); ALTER TABLE t RENAME TO u;
          ALTER TABLE u INHERIT hectic.created_at`,
  },
];

test('created_at is enforced where it must be, and nowhere else', async (t) => {
  await server.withDatabase(async (database) => {
    for (const one of createdAt) {
      await t.test(`${one.name} is ${one.refused === undefined ? 'accepted' : 'refused'}`, () => check(database, one));
    }
  });
});

test('a partition can be detached concurrently', () =>
  server.withDatabase(async ({ client }) => {
    await client.query(`CREATE TABLE p (id int, created_at timestamptz NOT NULL DEFAULT now()) PARTITION BY RANGE (id);
                        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (9)`);
    await client.query('ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY');
  }));

test("tables can be made by the database's owner and by members of that role, and by no other role", () =>
  server.withDatabase(async ({ name, client, connect }) => {
    await client.query(`
      CREATE ROLE owner LOGIN; CREATE ROLE migrator LOGIN IN ROLE owner; CREATE ROLE stranger LOGIN;
      ALTER DATABASE "${name}" OWNER TO owner; GRANT CREATE ON SCHEMA public TO stranger, migrator, owner`);
    for (const user of ['owner', 'migrator']) {
      const session = await connect({ user });
      await session.query(
        `CREATE TABLE t_${user} (id int) INHERITS (hectic.created_at, hectic.updated_at, hectic.immutable)`,
      );
      await assert.rejects(session.query('CREATE TABLE bare (id int)'), /does not inherit hectic\.created_at/);
      await assert.rejects(session.query(`INSERT INTO t_${user} (id) VALUES (1)`), /is immutable/);
      await session.query(`ALTER TABLE t_${user} NO INHERIT hectic.immutable`);
      await session.query(`INSERT INTO t_${user} (id) VALUES (1); UPDATE t_${user} SET id = 2`);
    }
    const stranger = await connect({ user: 'stranger' });
    await assert.rejects(stranger.query('CREATE TABLE t (id int) INHERITS (hectic.created_at)'), /must be owner/);
    await assert.rejects(stranger.query('SELECT * FROM hectic.created_at'), /permission denied/);
    await assert.rejects(stranger.query('DELETE FROM hectic.created_at'), /permission denied/);
    await stranger.query('CREATE TEMP TABLE mine (id int)');
  }));

test('tables made by an extension are left alone', (t) =>
  server.withDatabase(async ({ client }) => {
    if ((await majorVersion(client)) < 18) return t.skip('an extension outside the installation needs PostgreSQL 18');
    await withDirectory(async (directory) => {
      await mkdir(join(directory, 'extension'));
      const write = (name: string, text: string) => writeFile(join(directory, 'extension', name), text);
      await write('tabled.control', "default_version = '1'\n");
      await write('tabled--1.sql', 'CREATE TABLE tabled (id int);\n');
      await write('tabled--1--2.sql', 'ALTER TABLE tabled ADD name text; CREATE TABLE more (id int);\n');
      await client.query(`SET extension_control_path = ${quoteLiteral(directory)}`);
      await client.query("CREATE EXTENSION tabled VERSION '1'");
      await client.query("ALTER EXTENSION tabled UPDATE TO '2'");
      await client.query('ALTER TABLE tabled SET (fillfactor = 90)');
    });
  }));
