import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { assertStatus, flat, startBench, type Workbench } from './workbench.js';

const bench = await startBench();

const [a, b] = ['20240101000000-a', '20240102000000-b'] as const;
const base = { [`${a}.sql`]: flat('CREATE TABLE public.t (x int) INHERITS (hectic.created_at);', 'DROP TABLE t;') };
const stepwise = (up: string, down = 'SELECT 1;') =>
  `-- migrate:up no-transaction\n${up}\n-- migrate:down no-transaction\n${down}\n`;

/** Runs `use` where a migration has stopped at its third statement of four. */
function stopped(use: (bench: Workbench) => Promise<void>): Promise<void> {
  const text = stepwise(
    "SET search_path = public;\nINSERT INTO t (x) VALUES (1);\nSELECT 1/x FROM t WHERE x = 1 AND current_setting('test.fix', true) IS NULL AND 1/(x-1) = 1;\nINSERT INTO t (x) VALUES (4);",
  );
  return bench.with({ ...base, [`${b}.sql`]: text }, async (workbench) => {
    const ended = await workbench.migrator(['migrate', 'up']);
    assertStatus(ended, 4);
    assert.match(ended.stderr, /stopped at its statement 3: .*\n.*20240102000000-b\.sql:4.*division by zero/);
    assert.match(ended.stderr, /done before it, and committed: 20240101000000-a/);
    await use(workbench);
  });
}

const xs = 'SELECT x FROM t ORDER BY x';
const fixed = { PGOPTIONS: '-c test.fix=1' };

test('statements that cannot run in a transaction run, and the migration is recorded and undone', () =>
  bench.with(
    {
      ...base,
      [`${b}.sql`]: stepwise('CREATE INDEX CONCURRENTLY i ON t (x);\nVACUUM t;', 'DROP INDEX CONCURRENTLY i;'),
    },
    async ({ migrator, applied, values }) => {
      assertStatus(await migrator(['migrate', 'up']), 0);
      assert.deepEqual(await applied(), [a, b]);
      assert.deepEqual(await values('SELECT count(*)::int FROM hectic.migration_progress'), [0]);
      assertStatus(await migrator(['migrate', 'down', '2']), 0);
      assert.deepEqual(await applied(), []);
    },
  ));

test('one that stopped is reported by every run, with its statement, its error and the ways on', () =>
  stopped(async ({ migrator }) => {
    for (const argv of [['migrate', 'up'], ['migrate', 'up', '--force'], ['plan'], ['migrate', 'down'], ['verify']]) {
      const { status, stderr } = await migrator(argv);
      assert.equal(status, 2, argv.join(' '));
      assert.match(stderr, /20240102000000-b was not finished: .*statement 3\n {2}SELECT 1\/x[\s\S]*division by zero/);
      assert.match(
        stderr,
        /hint: the 2 before it are done\n[\s\S]*resume '20240102000000-b'\n[\s\S]*--skip[\s\S]*--abandon/,
      );
    }
    const { stdout, status } = await migrator(['status', '--check']);
    assert.equal(status, 2);
    assert.match(stdout, /^failed {3}20240102000000-b \(stopped at its statement 3; .*division by zero/m);
  }));

test('resume goes on with the statement that failed, with the settings that were made before it', () =>
  stopped(async ({ migrator, applied, values }) => {
    assertStatus(await migrator(['resume', b], fixed), 0);
    assert.deepEqual(
      [await applied(), await values(xs)],
      [
        [a, b],
        [1, 4],
      ],
    );
  }));

test('resume takes an edit of what is still to come, and refuses one of what is done', () =>
  stopped(async ({ migrator, write, values }) => {
    await write({ [`${b}.sql`]: stepwise('SET search_path = public;\nINSERT INTO t (x) VALUES (2);\nSELECT 3;') });
    const refused = await migrator(['resume', b]);
    assertStatus(refused, 4);
    assert.match(refused.stderr, /the statements that are done were edited/);
    await write({
      [`${b}.sql`]: stepwise('SET search_path = public;\nINSERT INTO t (x) VALUES (1);\nINSERT INTO t (x) VALUES (5);'),
    });
    assertStatus(await migrator(['resume', b]), 0);
    assert.deepEqual(await values(xs), [1, 5]);
  }));

test('resume --skip goes on behind it', () =>
  stopped(async ({ migrator, applied, values }) => {
    assertStatus(await migrator(['resume', '--skip', b]), 0);
    assert.deepEqual(
      [await applied(), await values(xs)],
      [
        [a, b],
        [1, 4],
      ],
    );
  }));

test('resume --abandon forgets that it was begun', () =>
  stopped(async ({ migrator, applied, values }) => {
    assertStatus(await migrator(['resume', '--abandon', b]), 0);
    assertStatus(await migrator(['migrate', 'up'], fixed), 0);
    assert.deepEqual(
      [await applied(), await values(xs)],
      [
        [a, b],
        [1, 1, 4],
      ],
    );
  }));

test('fake marks it as applied', () =>
  stopped(async ({ migrator, applied }) => {
    assertStatus(await migrator(['fake', b]), 0);
    assert.deepEqual(await applied(), [a, b]);
    assertStatus(await migrator(['status', '--check']), 0);
  }));

test('resume of what has not stopped names what has', () =>
  stopped(async ({ migrator }) => {
    const { status, stderr } = await migrator(['resume', a]);
    assert.equal(status, 9);
    assert.match(stderr, /'20240101000000-a' has not stopped on its way\nhint: '20240102000000-b' has/);
  }));

test('killed in the middle of a statement: the next run says that it is not known how that ended', () =>
  bench.with(
    {
      ...base,
      [`${b}.sql`]: stepwise('INSERT INTO t (x) VALUES (1);\nSELECT pg_sleep(60);\nINSERT INTO t (x) VALUES (3);'),
    },
    async ({ start, client, migrator, values }) => {
      const running = start(['migrate', 'up']);
      const sleeping = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND state = 'active'";
      let pid: unknown;
      for (; pid === undefined; await wait(20)) [pid] = await values(sleeping);
      running.child.kill('SIGKILL');
      await running.ended;
      await client.query('SELECT pg_terminate_backend($1)', [pid]);
      while ((await values(sleeping)).length > 0) await wait(20);
      const { status, stderr } = await migrator(['migrate', 'up']);
      assert.equal(status, 2);
      assert.match(
        stderr,
        /stopped in its statement 2\n {2}SELECT pg_sleep\(60\);\nit is not known whether that took effect/,
      );
      assertStatus(await migrator(['resume', '--skip', b]), 0);
      assert.deepEqual(await values(xs), [1, 3]);
    },
  ));

test("a transaction of the script's own is done again as a whole, or not at all", () =>
  bench.with(
    {
      ...base,
      [`${b}.sql`]: stepwise(
        "INSERT INTO t (x) VALUES (1);\nBEGIN;\nINSERT INTO t (x) VALUES (2);\nDO $$ BEGIN IF current_setting('test.fix', true) IS NULL THEN RAISE 'stop'; END IF; END $$;\nCOMMIT;\nINSERT INTO t (x) VALUES (3);",
      ),
    },
    async ({ migrator, values }) => {
      assertStatus(await migrator(['migrate', 'up']), 4);
      assert.deepEqual(await values(xs), [1]);
      assertStatus(await migrator(['resume', b], fixed), 0);
      assert.deepEqual(await values(xs), [1, 2, 3]);
    },
  ));

test('a transaction that is left open is rolled back, and the migration not recorded', () =>
  bench.with(
    { ...base, [`${b}.sql`]: stepwise('BEGIN;\nINSERT INTO t (x) VALUES (1);') },
    async ({ migrator, applied, values }) => {
      const { status, stderr } = await migrator(['migrate', 'up']);
      assert.equal(status, 4);
      assert.match(stderr, /leaves a transaction open at its end/);
      assert.deepEqual([await applied(), await values(xs)], [[a], []]);
    },
  ));
