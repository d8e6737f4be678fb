import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { Ended, Running } from '../support/cli.js';
import { assertStatus, flat, startBench, type Workbench } from './workbench.js';

const bench = await startBench();

const a = '20240101000000-a';
const table = 'CREATE TABLE public.t (x int) INHERITS (hectic.created_at);';

/** Polls until the query answers true. */
async function until(client: pg.Client, condition: string): Promise<void> {
  for (;;) {
    const { rows } = await client.query({ text: `SELECT ${condition}`, rowMode: 'array' });
    if (rows[0]?.[0] === true) return;
    await wait(20);
  }
}

const runs = (text: string) =>
  `EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'slipway migrator' AND state = 'active' AND query LIKE '%${text}%' AND pid <> pg_backend_pid() AND datname = current_database())`;
const migratorPid = `(SELECT pid FROM pg_stat_activity WHERE application_name = 'slipway migrator' AND datname = current_database() LIMIT 1)`;

/** Resolves when the process has said something. */
function said({ child, ended }: Running, words: string): Promise<unknown> {
  const heard = new Promise<void>((resolve) => {
    child.stderr?.on('data', (text: Buffer) => {
      if (String(text).includes(words)) resolve();
    });
  });
  return Promise.race([heard, ended]);
}

/** Starts a migrator whose migration waits for an advisory lock, and a second one; lets the first go on when the second waits for it. */
async function race({ start, client }: Workbench): Promise<readonly [Ended, Ended]> {
  await client.query('SELECT pg_advisory_lock(42)');
  const first = start(['migrate', 'up', '--lock-timeout', '0']);
  await until(client, runs('pg_advisory_xact_lock'));
  const second = start(['migrate', 'up']);
  await said(second, 'waiting for');
  await client.query('SELECT pg_advisory_unlock(42)');
  return Promise.all([first.ended, second.ended]);
}

test('two at once: one waits and says for whom, and everything is applied once', () =>
  bench.with(
    {
      [`${a}.sql`]: flat(`${table} SELECT pg_advisory_xact_lock(42);`),
      '20240102000000-b.sql': flat('ALTER TABLE t ADD y int;'),
    },
    async (workbench) => {
      const [first, second] = await race(workbench);
      assertStatus(first, 0);
      assertStatus(second, 0);
      assert.match(
        second.stderr,
        /another migrator works on this database: waiting for pid \d+ \(slipway migrator, user /,
      );
      assert.deepEqual(await workbench.applied(), [a, '20240102000000-b']);
    },
  ));

test('a migrator that waits for another one does not block CREATE INDEX CONCURRENTLY in it', () =>
  bench.with(
    {
      [`${a}.sql`]: flat(table),
      '20240102000000-b.sql':
        '-- migrate:up no-transaction\nSELECT pg_advisory_xact_lock(42);\nCREATE INDEX CONCURRENTLY t_x ON t (x);\n-- migrate:down\nDROP INDEX t_x;\n',
    },
    async (workbench) => {
      for (const ended of await race(workbench)) assertStatus(ended, 0);
      assert.equal((await workbench.applied()).length, 2);
    },
  ));

/** Runs `use` while another session has the table locked by a query that shows. */
async function whileLocked(
  { database }: Workbench,
  use: () => Promise<void>,
  release: Promise<unknown>,
): Promise<void> {
  const holder = await database.connect();
  await holder.query('BEGIN');
  await holder.query('LOCK TABLE t IN ACCESS SHARE MODE /* the report */');
  const released = release.then(() => holder.query('COMMIT'));
  await use();
  await released;
}

const pending = { '20240102000000-b.sql': flat('ALTER TABLE t ADD y int;', 'ALTER TABLE t DROP y;') };

test('a lock that cannot be had in time: rolled back, tried again, and at last refused with pid and query of its holder', () =>
  bench.with({ [`${a}.sql`]: flat(table) }, async (workbench) => {
    const { migrator, write, applied } = workbench;
    await migrator(['migrate', 'up']);
    await write(pending);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await whileLocked(
      workbench,
      async () => {
        const { status, stderr } = await migrator(['migrate', 'up', '--lock-timeout', '300ms', '--lock-retries', '1']);
        assert.equal(status, 4, stderr);
        assert.match(stderr, /waited more than 300 ms for a lock.*held by pid \d+ \(.*\): LOCK TABLE t .*the report/);
        assert.match(stderr, /tried again in 300 ms \(1 of 1\)/);
        assert.match(stderr, /failed and was rolled back after 2 attempts\n.*\(SQLSTATE 55P03\)/);
        assert.deepEqual(await applied(), [a]);
        release();
      },
      released,
    );
    assertStatus(await migrator(['migrate', 'up']), 0);
  }));

test('a lock that is released between two attempts is had by the next', () =>
  bench.with({ [`${a}.sql`]: flat(table) }, async (workbench) => {
    const { migrator, write, start, applied } = workbench;
    await migrator(['migrate', 'up']);
    await write(pending);
    const holder = await workbench.database.connect();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE t IN ACCESS SHARE MODE');
    const running = start(['migrate', 'up', '--lock-timeout', '200ms', '--lock-retries', '20']);
    await said(running, 'tried again');
    await holder.query('COMMIT');
    assertStatus(await running.ended, 0);
    assert.equal((await applied()).length, 2);
  }));

test('a statement that runs too long is ended by --statement-timeout', () =>
  bench.with({ [`${a}.sql`]: flat(`${table} SELECT pg_sleep(60);`) }, async ({ migrator, applied }) => {
    const { status, stderr } = await migrator(['migrate', 'up', '--statement-timeout', '200ms']);
    assert.equal(status, 4);
    assert.match(stderr, /statement timeout \(SQLSTATE 57014\)/);
    assert.deepEqual(await applied(), []);
  }));

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} cancels what runs, rolls it back, says so, and ends with ${status}`, () =>
    bench.with(
      { [`${a}.sql`]: flat(table), '20240102000000-b.sql': flat('ALTER TABLE t ADD y int; SELECT pg_sleep(60);') },
      async ({ start, client, applied }) => {
        const running = start(['migrate', 'up']);
        await until(client, runs('pg_sleep'));
        running.child.kill(signal);
        const ended = await running.ended;
        assertStatus(ended, status);
        assert.match(
          ended.stderr,
          /interrupted: 20240102000000-b was rolled back; done before it, and committed: 20240101000000-a/,
        );
        await until(client, `NOT ${runs('pg_sleep')}`);
        assert.deepEqual(await applied(), [a]);
      },
    ));
}

test('SIGTERM ends a migrator that waits for its turn', () =>
  bench.with({ [`${a}.sql`]: flat(`${table} SELECT pg_sleep(60);`) }, async ({ start, client }) => {
    const first = start(['migrate', 'up']);
    await until(client, runs('pg_sleep'));
    const second = start(['migrate', 'up']);
    await said(second, 'waiting for');
    second.child.kill('SIGTERM');
    assertStatus(await second.ended, 143);
    first.child.kill('SIGTERM');
    assertStatus(await first.ended, 143);
  }));

test('a connection that the server ends: what was committed is said, status 4, and the next run goes on', () =>
  bench.with(
    {
      [`${a}.sql`]: flat(table),
      '20240102000000-b.sql': flat(
        'ALTER TABLE t ADD y int; SELECT pg_sleep(coalesce(current_setting($$test.nap$$, true), $$60$$)::float);',
      ),
    },
    async ({ start, client, applied, migrator }) => {
      const running = start(['migrate', 'up']);
      await until(client, runs('pg_sleep'));
      await client.query(`SELECT pg_terminate_backend(${migratorPid})`);
      const ended = await running.ended;
      assertStatus(ended, 4);
      assert.match(ended.stderr, /done before it, and committed: 20240101000000-a/);
      assert.match(
        ended.stderr,
        /the connection was lost while 20240102000000-b ran\n.*terminating connection due to administrator/,
      );
      assert.match(ended.stderr, /hint: the server rolls it back/);
      assert.deepEqual(await applied(), [a]);
      assertStatus(await migrator(['migrate', 'up'], { PGOPTIONS: '-c test.nap=0' }), 0);
    },
  ));

test('a killed migrator leaves nothing of the migration it was in, and the next run does all of it', () =>
  bench.with(
    { [`${a}.sql`]: flat(`${table} SELECT pg_sleep(coalesce(current_setting($$test.nap$$, true), $$60$$)::float);`) },
    async ({ start, client, applied, migrator, values }) => {
      const running = start(['migrate', 'up']);
      await until(client, runs('pg_sleep'));
      running.child.kill('SIGKILL');
      await running.ended;
      assert.deepEqual(await applied(), []);
      const next = await migrator(['migrate', 'up'], { PGOPTIONS: '-c test.nap=0' });
      assertStatus(next, 0);
      assert.deepEqual(await values("SELECT to_regclass('t') IS NOT NULL"), [true]);
    },
  ));

test('what a migration sets in its session is gone in the next one', () =>
  bench.with(
    {
      [`${a}.sql`]: flat(
        "\\set leak 1\nSET search_path = pg_catalog; SET ROLE pg_monitor; SET client_encoding = 'LATIN1'; SET standard_conforming_strings = off; CREATE TEMP TABLE leak (); PREPARE leak AS SELECT 1;",
      ),
      '20240102000000-b.sql': flat(
        "\\if :{?leak}\nSELECT 1/0;\n\\endif\nDO $$ BEGIN ASSERT current_setting('search_path') LIKE '%public%' AND current_user = session_user AND to_regclass('leak') IS NULL AND current_setting('standard_conforming_strings') = 'on'; END $$; PREPARE leak AS SELECT 1;",
      ),
    },
    async ({ migrator, applied }) => {
      assertStatus(await migrator(['migrate', 'up']), 0);
      assert.equal((await applied()).length, 2);
    },
  ));

test("a migration that gives up all locks ends the run before the next one, which would be without the migrator's", () =>
  bench.with(
    { [`${a}.sql`]: flat('SELECT pg_advisory_unlock_all();'), '20240102000000-b.sql': flat('SELECT 1;') },
    async ({ migrator, applied }) => {
      const { status, stderr } = await migrator(['migrate', 'up']);
      assert.equal(status, 4);
      assert.match(stderr, /lock is not held[\s\S]*pg_advisory_unlock_all/);
      assert.deepEqual(await applied(), [a]);
    },
  ));
