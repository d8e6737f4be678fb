import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockKey } from '../../src/migrate/lock.js';
import { assertStatus, flat, startBench, type Workbench } from './workbench.js';

const bench = await startBench();

const [one, two, three] = ['20240101000000-one', '20240102000000-two', '20240103000000-three'] as const;
const files = {
  [`${one}.sql`]: flat('CREATE TABLE public.t (x int) INHERITS (hectic.created_at);', 'DROP TABLE t;'),
  [`${two}.sql`]: flat('ALTER TABLE t ADD y int;', 'ALTER TABLE t DROP y;'),
  [`${three}.sql`]: flat('ALTER TABLE t ADD z int;', 'ALTER TABLE t DROP z;'),
};
const columns = `SELECT attname FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'created_at' ORDER BY 1`;

/** Runs `use` where all three are applied. */
function applied(use: (bench: Workbench) => Promise<void>): Promise<void> {
  return bench.with(files, async (workbench) => {
    assertStatus(await workbench.migrator(['migrate', 'up']), 0);
    await use(workbench);
  });
}

test('a migration that is gone from disk is a mismatch: position, both names, both lists, the way out', () =>
  applied(async ({ migrator, remove }) => {
    await remove(`${two}.sql`);
    const { status, stderr } = await migrator(['migrate', 'up']);
    assert.equal(status, 2);
    assert.ok(
      stderr.startsWith(
        [
          'error: Migration history mismatch at position 2',
          `Database has:   ${two}`,
          `Filesystem has: ${three}`,
          'Applied in the database:',
          ...[one, two, three].map((name) => `  ${name}`),
          'In the migration directory:',
          ...[one, three].map((name) => `  ${name}`),
          `hint: applied, but not on disk: ${two}; restore the files, or forget that it was applied: migrator repair --forget '${two}'`,
        ].join('\n'),
      ),
      stderr,
    );
    assertStatus(await migrator(['repair', '--forget', two]), 0);
    assertStatus(await migrator(['migrate', 'up']), 0);
  }));

test('--force goes on past a mismatch, with a warning', () =>
  applied(async ({ migrator, remove, write, applied: names }) => {
    await remove(`${two}.sql`);
    await write({ '20240104000000-four.sql': flat('SELECT 1;') });
    for (const argv of [
      ['--force', 'migrate', 'up'],
      ['migrate', 'down', '-f'],
    ]) {
      const { status, stderr } = await migrator(argv);
      assert.equal(status, 0, stderr);
      assert.match(stderr, /warning: Migration history mismatch at position 2/);
      assert.match(stderr, /going on all the same, because of --force/);
    }
    assert.deepEqual(await names(), [one, two, three]);
  }));

test('a pending migration older than the last one applied is refused, with both ways out', () =>
  applied(async ({ migrator, write, applied: names, root }) => {
    const late = '20240102120000-late';
    await write({ [`${late}.sql`]: flat('SELECT 1;') });
    for (const argv of [['migrate', 'up'], ['plan'], ['migrate', 'to', 'latest']]) {
      const { status, stderr } = await migrator(argv);
      assert.equal(status, 2, stderr);
      assert.match(stderr, /Migration history mismatch at position 3/);
      assert.match(stderr, /migrator rebase '20240102120000-late'/);
      assert.match(stderr, /--allow-out-of-order/);
    }
    const renamed = await migrator(['rebase', late]);
    assertStatus(renamed, 0);
    assert.match(renamed.stdout, /^renamed 20240102120000-late to \d{14}-late\n$/);
    assert.equal((await readdir(join(root, 'migration'))).length, 4);
    assertStatus(await migrator(['migrate', 'up']), 0);
    assert.match((await names())[3] ?? '', /^20\d{12}-late$/);
    assertStatus(await migrator(['rebase', one]), 2);
  }));

test('--allow-out-of-order applies it, and the history is whole again', () =>
  applied(async ({ migrator, write, applied: names }) => {
    await write({ '20240102120000-late.sql': flat('SELECT 1;') });
    assertStatus(await migrator(['migrate', 'up', '--allow-out-of-order']), 0);
    assert.deepEqual(await names(), [one, two, three, '20240102120000-late']);
    assertStatus(await migrator(['migrate', 'up']), 0);
  }));

test('down and redo do not mind what is late', () =>
  applied(async ({ migrator, write }) => {
    await write({ '20240102120000-late.sql': flat('SELECT 1;') });
    assertStatus(await migrator(['redo']), 0);
    assertStatus(await migrator(['migrate', 'down']), 0);
  }));

const editedUp = 'ALTER TABLE t ADD y bigint;';

/** Commands that check the applied migrations before anything else. */
for (const argv of [['migrate', 'up'], ['migrate', 'down'], ['migrate', 'to', one], ['plan'], ['verify'], ['redo']]) {
  test(`migrator ${argv.join(' ')} refuses an edited migration with its diff and three ways out`, () =>
    applied(async ({ migrator, write, applied: names }) => {
      await write({ [`${two}.sql`]: flat(editedUp, 'ALTER TABLE t DROP y;') });
      const { status, stderr } = await migrator(argv);
      assert.equal(status, 2, stderr);
      assert.match(stderr, /an applied migration was edited\n20240102000000-two, applied 20/);
      assert.match(stderr, /^-ALTER TABLE t ADD y int;\n\+ALTER TABLE t ADD y bigint;$/m);
      assert.match(
        stderr,
        /hint: restore the files.*\nhint: .*repair '20240102000000-two'\nhint: .*redo '20240102000000-two'/,
      );
      assert.deepEqual(await names(), [one, two, three]);
    }));
}

test('an edit of the undoing is none of what was applied', () =>
  applied(async ({ migrator, write }) => {
    await write({ [`${two}.sql`]: flat('ALTER TABLE t ADD y int;', 'ALTER TABLE t DROP COLUMN y;') });
    assertStatus(await migrator(['verify']), 0);
  }));

test('repair accepts the new text, and the next diff starts from it', () =>
  applied(async ({ migrator, write }) => {
    await write({ [`${two}.sql`]: flat(editedUp) });
    assertStatus(await migrator(['repair', two]), 0);
    assertStatus(await migrator(['migrate', 'up']), 0);
    await write({ [`${two}.sql`]: flat('ALTER TABLE t ADD y text;') });
    assert.match((await migrator(['verify'])).stderr, /^-ALTER TABLE t ADD y bigint;$/m);
  }));

test('redo undoes back to the edited migration and applies the new text', () =>
  applied(async ({ migrator, write, values, applied: names }) => {
    await write({
      [`${two}.sql`]: flat(
        'ALTER TABLE t ADD w int;',
        'ALTER TABLE t DROP IF EXISTS y, DROP IF EXISTS w;'.replaceAll('DROP IF', 'DROP COLUMN IF'),
      ),
    });
    assertStatus(await migrator(['redo', two]), 0);
    assert.deepEqual(await values(columns), ['w', 'x', 'z']);
    assert.deepEqual(await names(), [one, two, three]);
    assertStatus(await migrator(['verify']), 0);
  }));

test('--force goes on past an edited migration, but never silently', () =>
  applied(async ({ migrator, write }) => {
    await write({ [`${two}.sql`]: flat(editedUp), '20240104000000-four.sql': flat('SELECT 1;') });
    const { status, stderr } = await migrator(['migrate', 'up', '--force']);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /warning: an applied migration was edited\n20240102000000-two/);
    assert.match(stderr, /^\+ALTER TABLE t ADD y bigint;$/m);
  }));

test('line ends, another place and another layout are no edits', () =>
  applied(async ({ migrator, write, remove }) => {
    const text = files[`${three}.sql`] ?? '';
    await write({ [`${three}.sql`]: text.replaceAll('\n', '\r\n') });
    assertStatus(await migrator(['verify']), 0);
    await remove(`${three}.sql`);
    await write({ [`${three}/up.sql`]: 'ALTER TABLE t ADD z int;\n', [`${three}/down.sql`]: 'ALTER TABLE t DROP z;' });
    assertStatus(await migrator(['verify']), 0);
    await remove(three);
    await write({ [`${three}/up/entrypoint.sql`]: 'ALTER TABLE t ADD z int;\r\n' });
    assertStatus(await migrator(['verify']), 0);
  }));

test('an edit of a nested include is found, and the diff names the file', () =>
  bench.with(
    {
      [`${one}/up/entrypoint.sql`]: '\\ir a.sql\n',
      [`${one}/up/a.sql`]: '\\ir sub/b.sql\n',
      [`${one}/up/sub/b.sql`]: 'SELECT 1;\n',
      [`${one}/down/entrypoint.sql`]: 'SELECT 1;',
    },
    async ({ migrator, write }) => {
      assertStatus(await migrator(['migrate', 'up']), 0);
      assertStatus(await migrator(['verify']), 0);
      await write({ [`${one}/up/sub/b.sql`]: 'SELECT 2;\n' });
      const { status, stderr } = await migrator(['verify']);
      assert.equal(status, 2);
      assert.match(stderr, /^\+\+\+ 20240101000000-one\/up\/sub\/b\.sql$/m);
    },
  ));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const entry = '\\ir part.sql\nSELECT 1;\n';

/** The text that an older tool hashed, and the one on disk. */
const olderHashes: readonly (readonly [name: string, hashed: string, onDisk: string])[] = [
  ['the raw entry file', entry, entry],
  ['one with CRLF that is on disk with LF', entry.replaceAll('\n', '\r\n'), entry],
  ['one with LF that is on disk with CRLF', entry, entry.replaceAll('\n', '\r\n')],
];

for (const [name, hashed, onDisk] of olderHashes) {
  test(`a row that an older tool inserted is recognised: ${name}`, () =>
    bench.with(
      { [`${one}/up.sql`]: onDisk, [`${one}/part.sql`]: 'SELECT 2;\n', [`${one}/down.sql`]: 'SELECT 1;' },
      async ({ migrator, client, write }) => {
        await client.query('INSERT INTO hectic.migration(name, hash) VALUES ($1, $2)', [one, sha256(hashed)]);
        const verified = await migrator(['verify']);
        assertStatus(verified, 0);
        assert.match(
          verified.stderr,
          /warning: 20240101000000-one: an older tool stored the hash of its entry file alone/,
        );
        await write({ [`${one}/up.sql`]: `${onDisk}SELECT 3;\n` });
        const edited = await migrator(['migrate', 'up']);
        assertStatus(edited, 2);
        assert.match(edited.stderr, /the text that was applied was not kept, so there is no diff/);
      },
    ));
}

test('a history that an older tool made, without our tables and with unique hashes, is migrated with --no-hook', () =>
  bench.with(
    files,
    async ({ migrator, client, applied: names }) => {
      await client.query(`CREATE SCHEMA hectic; CREATE TABLE hectic.created_at (created_at timestamptz DEFAULT now());
        CREATE TABLE hectic.migration (id serial PRIMARY KEY, name text UNIQUE, hash text UNIQUE, applied_at timestamptz DEFAULT now())`);
      assertStatus(await migrator(['migrate', 'up', '--no-hook']), 0);
      assert.deepEqual(await names(), [one, two, three]);
      assertStatus(await migrator(['migrate', 'down', 'all', '--no-hook']), 0);
    },
    { empty: true },
  ));

test('two migrations of equal text are both applied', () =>
  bench.with(
    { [`${one}.sql`]: flat('SELECT 1;'), [`${two}.sql`]: flat('SELECT 1;') },
    async ({ migrator, applied: names }) => {
      assertStatus(await migrator(['migrate', 'up']), 0);
      assert.deepEqual(await names(), [one, two]);
    },
  ));

test('baseline records everything up to a name without running it, and only where there is no history', () =>
  bench.with(files, async ({ migrator, client, applied: names, values }) => {
    await client.query('CREATE TABLE t (x int, y int) INHERITS (hectic.created_at)');
    const recorded = await migrator(['baseline', two]);
    assertStatus(recorded, 0);
    assert.equal(recorded.stdout, `recorded ${one}\nrecorded ${two}\n`);
    assertStatus(await migrator(['migrate', 'up']), 0);
    assert.deepEqual(await names(), [one, two, three]);
    assert.deepEqual(await values(columns), ['x', 'y', 'z']);
    assertStatus(await migrator(['baseline', three]), 2);
  }));

test('fake records one pending migration, the next one unless out of order is allowed', () =>
  bench.with(files, async ({ migrator, applied: names }) => {
    assertStatus(await migrator(['fake', two]), 2);
    assertStatus(await migrator(['fake', one]), 0);
    assertStatus(await migrator(['fake', one]), 2);
    assertStatus(await migrator(['fake', three, '--allow-out-of-order']), 0);
    assert.deepEqual(await names(), [one, three]);
  }));

test('status shows every state, to people and as JSON, and --check ends with what it found', () =>
  applied(async ({ migrator, write, remove }) => {
    assertStatus(await migrator(['status', '--check']), 0);
    await write({ '20240104000000-four.sql': flat('SELECT 1;') });
    assertStatus(await migrator(['status', '--check']), 1);
    assertStatus(await migrator(['status']), 0);
    await write({ [`${one}.sql`]: flat('SELECT 2;'), '20240102120000-late.sql': flat('SELECT 1;') });
    await remove(`${two}.sql`);
    const { status, stdout } = await migrator(['status', '--check']);
    assert.equal(status, 2);
    assert.match(stdout, /^edited {3}20240101000000-one \(20/m);
    assert.match(stdout, /^missing {2}20240102000000-two \(20/m);
    assert.match(stdout, /^pending {2}20240102120000-late \(older than the last one applied\)$/m);
    assert.match(stdout, /^1 applied, 2 pending, 1 edited, 1 missing$/m);
    const { migrations } = JSON.parse((await migrator(['status', '--json'])).stdout);
    assert.deepEqual(
      migrations.map(({ state }: { state: string }) => state),
      ['edited', 'missing', 'pending', 'applied', 'pending'],
    );
  }));

test('a dry run shows what would run and writes nothing, not even the table, and takes no lock', () =>
  bench.with(
    { ...files, '20240104000000-four.sql': `-- migrate:up no-transaction\nSELECT 1;\n` },
    async ({ migrator, values, client }) => {
      const before = await values('SELECT pg_current_wal_insert_lsn()');
      await client.query(`SELECT pg_advisory_lock(${lockKey})`);
      for (const argv of [['plan'], ['migrate', 'up', '--dry-run'], ['migrate', 'to', 'latest', '-n']]) {
        const { status, stdout } = await migrator(argv);
        assert.equal(status, 0);
        assert.equal(
          stdout,
          `would apply ${one}\nwould apply ${two}\nwould apply ${three}\nwould apply 20240104000000-four (without a transaction)\n`,
        );
      }
      assertStatus(await migrator(['status', '--check']), 1);
      assert.equal((await migrator(['init', '--dry-run'])).status, 0);
      assert.deepEqual(await values('SELECT pg_current_wal_insert_lsn()'), before);
      assert.deepEqual(await values("SELECT to_regclass('hectic.migration')"), [null]);
    },
    { empty: true },
  ));
