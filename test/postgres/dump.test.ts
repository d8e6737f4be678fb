import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { findBinaries } from '../../src/cluster/binaries.js';
import { cacheDirectory } from '../../src/cluster/places.js';
import { ExitCode, type UserError } from '../../src/errors.js';
import { withClient } from '../../src/postgres/client.js';
import { resolveConnection } from '../../src/postgres/config.js';
import { dumpSchema } from '../../src/postgres/dump/dump.js';
import { describe } from '../../src/script/errors.js';
import { runScript, type Script } from '../../src/script/run.js';
import { root } from '../support/cli.js';
import { query, testEnvironment, withCluster, withDirectory } from '../support/cluster.js';

const fixture = (name: string): Script => ({ file: join(root, 'test', 'postgres', name) });

async function load(connection: string, script: Script): Promise<void> {
  const { status, errors } = await runScript({ connection, quiet: true, onErrorStop: true, ...script });
  assert.equal(status, 0, errors.map(describe).join('\n'));
}

/** A dump that is loaded into an empty database and dumped again says the same. */
async function assertFixpoint(url: string, dump: string, binDir?: string): Promise<void> {
  await withClient(url, (client) => client.query('CREATE DATABASE twin'));
  const twin = resolveConnection({ ...resolveConnection(url).conninfo, dbname: 'twin' });
  const { status, errors } = await runScript({ connection: twin, text: dump, quiet: true });
  assert.equal(status, 0, errors.map(describe).join('\n'));
  assert.equal(await dumpSchema(twin, { binDir }), dump);
}

/** Where to find a pg_dump of version 18, which neither npm nor this distribution brings: set TEST_PG18_BIN_DIR. */
const native18 = process.env.TEST_PG18_BIN_DIR;
const binaries = (binDir: string) => findBinaries(binDir, cacheDirectory(process.env), testEnvironment());
const systemMajor = await binaries('system').then(
  ({ major, binDir }) => ({ major, binDir }),
  () => undefined,
);
const isEmbedded = process.env.PG_BIN_DIR === undefined;

test('without a pg_dump, a schema with an object of every kind', { skip: !isEmbedded && 'PG_BIN_DIR is set' }, (t) =>
  withCluster(async ({ url }) => {
    await load(url, fixture('every-kind.sql'));
    await load(url, fixture('every-kind-18.sql'));
    const dump = await dumpSchema(url);

    await t.test('is dumped without anything that changes from run to run', async () => {
      assert.doesNotMatch(dump, /^\\(un)?restrict|^-- Dumped (from|by) (database|pg_dump)/m);
      assert.equal(await dumpSchema(url), dump);
    });

    await t.test('can be made again from the dump', () => assertFixpoint(url, dump));

    const skip = native18 === undefined && 'TEST_PG18_BIN_DIR does not name a directory with a pg_dump 18';
    await t.test('is dumped to the same text by the native pg_dump', { skip }, async () => {
      assert.equal(await dumpSchema(url, { binDir: native18 }), dump);
    });

    await t.test('can be dumped in part', async () => {
      const part = await dumpSchema(url, { args: ['--schema=shop', '--table=shop.parent'] });
      assert.match(part, /CREATE TABLE shop\.parent/);
      assert.doesNotMatch(part, /CREATE TABLE shop\.child/);
    });
  }),
);

const noSystem = systemMajor === undefined && 'no PostgreSQL of the system';
test('the pg_dump beside the server', { skip: noSystem }, (t) =>
  withCluster(
    async ({ url }) => {
      const binDir = systemMajor?.binDir;
      await load(url, fixture('every-kind.sql'));

      await t.test('dumps every kind of object, and the dump makes them again', async () => {
        await assertFixpoint(url, await dumpSchema(url, { binDir }), binDir);
      });

      const skip = systemMajor?.major === 18 && 'the server is one for the WebAssembly pg_dump';
      await t.test('is asked for when there is none', { skip }, async () => {
        await assert.rejects(
          dumpSchema(url, { env: { ...testEnvironment(), PATH: '/nowhere' } }),
          (error: UserError) => {
            assert.match(error.message, /^there is no pg_dump for a PostgreSQL \d+ server$/);
            assert.equal(error.exitCode, ExitCode.missingDependency);
            return true;
          },
        );
      });
    },
    { PG_BIN_DIR: 'system' },
  ),
);

/** Writes down how it was called. */
const spy = `#!/bin/sh
[ "$1" = --version ] && { echo 'pg_dump (PostgreSQL) 99.1'; exit; }
cat "$PGSERVICEFILE"
directory=$(dirname "$PGSERVICEFILE")
stat -c '%a %n' "$directory" "$directory"/* 2>/dev/null || stat -f '%Lp %N' "$directory" "$directory"/*
printf 'arguments: %s\\n' "$*"
env
cat "$directory/pgpass"
echo end
`;

test('a native pg_dump is told the password in a private file, which is gone afterwards', () =>
  withCluster(({ url, user, database, host, port }) =>
    withDirectory(async (binDir) => {
      await writeFile(join(binDir, 'pg_dump'), spy);
      await chmod(join(binDir, 'pg_dump'), 0o755);
      const source = { ...resolveConnection(url).conninfo, password: 'pass:word\\ ', options: '-c work_mem=8MB' };
      const dump = await dumpSchema(source, { binDir, env: { ...testEnvironment(), PGPASSWORD: 'other' } });
      const service = dump.slice(0, dump.search(/^700 /m));
      assert.deepEqual(service.trim().split('\n').sort(), [
        '[dump]',
        `dbname=${database}`,
        `host=${host}`,
        'options=-c work_mem=8MB',
        `passfile=${/^passfile=(.*)$/m.exec(service)?.[1]}`,
        `port=${port}`,
        `user=${user}`,
      ]);
      assert.match(dump, /^700 .*\n600 .*pg_service\.conf\n600 .*pgpass$/m);
      assert.ok(dump.endsWith(`\n*:${port}:*:*:pass\\:word\\\\ \nend\n`), dump);
      assert.doesNotMatch(dump, /pass:word|PGPASSWORD/);
      const passfile = /^passfile=(.*)$/m.exec(service)?.[1] ?? '';
      await assert.rejects(readFile(passfile), { code: 'ENOENT' });
    }),
  ));

const skip = !isEmbedded && 'PG_BIN_DIR is set';
test('a dump that cannot be made', { skip }, (t) =>
  withCluster(async ({ url }) => {
    await query(url, 'CREATE TABLE t ()');
    await query(url, 'CREATE ROLE reader LOGIN');
    const asReader = { ...resolveConnection(url).conninfo, user: 'reader' };

    await t.test('for want of rights says which object and what to do', async () => {
      await assert.rejects(dumpSchema(asReader), (error: UserError) => {
        assert.match(error.message, /^the schema cannot be dumped: .*permission denied for table t/s);
        assert.match(error.hint ?? '', /connect as the owner/);
        return true;
      });
    });

    await t.test('because it is interrupted ends at once', () =>
      whileLocked(url, async (waitForDump) => {
        const interruption = new AbortController();
        const dump = dumpSchema(url, { signal: interruption.signal });
        await Promise.race([waitForDump(), dump]);
        interruption.abort(new Error('enough'));
        await assert.rejects(dump, /^Error: enough$/);
      }),
    );

    await t.test('because its session is ended says so', () =>
      whileLocked(url, async (waitForDump) => {
        const dump = dumpSchema(url);
        const pid = await Promise.race([waitForDump(), dump]);
        await Promise.all([
          assert.rejects(dump, /server closed the connection|terminating connection/),
          query(url, `SELECT pg_terminate_backend(${pid})`),
        ]);
      }),
    );
  }),
);

/** Holds the table so that a dump has to wait; lends a function that resolves with the session that does. */
function whileLocked(url: string, use: (waitForDump: () => Promise<unknown>) => Promise<void>): Promise<void> {
  return withClient(url, async (client) => {
    await client.query('BEGIN; LOCK TABLE t');
    await use(async () => {
      for (;;) {
        const pid = await query(
          url,
          "SELECT min(pid) FROM pg_stat_activity WHERE application_name = 'pg_dump' AND wait_event_type = 'Lock'",
        );
        if (pid !== null) return pid;
      }
    });
  });
}

test('the program that dumps is loaded only to dump', () => {
  const program = "import('./dist/src/postgres/dump/dump.js').then(() => console.log(process.moduleLoadList.join()))";
  const loaded = execFileSync(process.execPath, ['-e', program], { cwd: root, encoding: 'utf8' });
  assert.doesNotMatch(loaded, /NativeModule worker_threads/);
});
