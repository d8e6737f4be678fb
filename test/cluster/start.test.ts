import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  bin,
  postgresInit,
  query,
  runProgram,
  startedUrl,
  urlOf,
  withDirectory,
  withWorkingDir,
} from '../support/cluster.js';

const user = userInfo().username;

test('a fresh start prints a URL that works, with the database and the calling user as its superuser', () =>
  withWorkingDir(async (dir) => {
    const url = await startedUrl(dir, { PG_DATABASE: 'shop' });
    assert.equal(url, await urlOf(dir, { database: 'shop' }));
    assert.equal(
      await query(
        url,
        "SELECT current_user || ' ' || current_database() || ' ' || rolsuper FROM pg_roles WHERE rolname = current_user",
      ),
      `${user} shop true`,
    );
  }));

test('the cluster is UTF8 without a locale, for development: no TCP, no waiting for the disk', () =>
  withWorkingDir(async (dir) => {
    const url = await startedUrl(dir);
    const settings = [
      'server_encoding',
      'listen_addresses',
      'fsync',
      'synchronous_commit',
      'full_page_writes',
      'lc_messages',
    ];
    const shown = await query(
      url,
      `SELECT string_agg(current_setting(name), ',' ORDER BY at) FROM unnest('{${settings}}'::text[]) WITH ORDINALITY AS s(name, at)`,
    );
    assert.equal(shown, 'UTF8,,off,off,off,C');
    assert.equal(await query(url, "SELECT datcollate FROM pg_database WHERE datname = 'testdb'"), 'C');
  }));

test('a second fresh start replaces what was there, while it runs', () =>
  withWorkingDir(async (dir) => {
    await query(await startedUrl(dir), 'CREATE TABLE kept ()');
    assert.equal(await query(await startedUrl(dir), "SELECT to_regclass('kept')"), null);
    assert.deepEqual((await readdir(dir)).filter((name) => !name.startsWith('.')).sort(), ['data', 'sock']);
    assert.deepEqual((await readdir(join(dir, '.slipway'))).sort(), ['startup.log', 'state.json']);
  }));

for (const [how, env, args] of [
  ['PG_REUSE=1', { PG_REUSE: '1' }, []],
  ['an empty PG_REUSE', { PG_REUSE: '' }, []],
  ['--reuse', {}, ['--reuse']],
] as const) {
  test(`${how} keeps the data, running or stopped, and adds a missing database`, () =>
    withWorkingDir(async (dir) => {
      await query(await startedUrl(dir), 'CREATE TABLE kept ()');
      assert.equal(await query(await startedUrl(dir, env, args), "SELECT to_regclass('kept')"), 'kept');
      await cleanup(dir);
      assert.equal(await query(await startedUrl(dir, env, args), "SELECT to_regclass('kept')"), 'kept');
      assert.equal(
        await query(await startedUrl(dir, { ...env, PG_DATABASE: 'other' }, args), 'SELECT current_database()'),
        'other',
      );
    }));
}

test('a reused cluster that runs as it is wanted is left running', () =>
  withWorkingDir(async (dir) => {
    const started = 'SELECT pg_postmaster_start_time()::text';
    const first = await query(await startedUrl(dir), started);
    assert.equal(await query(await startedUrl(dir, { PG_REUSE: '1' }), started), first);
  }));

test('port and sockets are written anew at every launch, also when the cluster was moved', () =>
  withDirectory(async (directory) => {
    const [from, to] = [join(directory, 'from'), join(directory, 'to')];
    await query(await startedUrl(from), 'CREATE TABLE kept ()');
    await query(await startedUrl(from, { PG_REUSE: '1', PG_PORT: '6001' }), 'SELECT FROM kept');
    assert.equal(existsSync(join(from, 'sock', '.s.PGSQL.5432')), false);
    await cleanup(from);
    await rename(from, to);
    const url = await startedUrl(to, { PG_REUSE: '1', PG_PORT: '6002' });
    assert.equal(url, await urlOf(to, { port: 6002 }));
    await query(url, 'SELECT FROM kept');
    await cleanup(to);
  }));

test('what ALTER SYSTEM says about port and sockets does not count', () =>
  withWorkingDir(async (dir) => {
    const url = await startedUrl(dir);
    await query(url, 'ALTER SYSTEM SET port = 7000');
    await query(url, "ALTER SYSTEM SET unix_socket_directories = '/nowhere'");
    await cleanup(dir);
    await query(await startedUrl(dir, { PG_REUSE: '1' }), 'SELECT 1');
  }));

test("PG_CONF_FILE replaces the generated configuration; port and sockets still are ours, and its file is the user's", () =>
  withWorkingDir(async (dir) => {
    const conf = `${dir}.conf`;
    await writeFile(conf, "port = 1\nwork_mem = '7MB'\nlisten_addresses = ''\n");
    const url = await startedUrl(dir, { PG_CONF_FILE: conf, PG_SHARED_PRELOAD_LIBRARIES: 'nothing_like_it' });
    assert.equal(
      await query(
        url,
        "SELECT concat_ws(' ', current_setting('work_mem'), current_setting('fsync'), current_setting('logging_collector'))",
      ),
      '7MB on off',
    );
    assert.equal(await query(await startedUrl(dir, { PG_REUSE: '1' }), "SELECT current_setting('work_mem')"), '7MB');
    assert.equal(await readFile(conf, 'utf8'), "port = 1\nwork_mem = '7MB'\nlisten_addresses = ''\n");
  }));

test('the database of the scheduler is the one that is asked for', () =>
  withWorkingDir(async (dir) => {
    const url = await startedUrl(dir, { PG_DATABASE: 'jobs' });
    assert.equal(await query(url, "SELECT current_setting('cron.database_name')"), 'jobs');
  }));

test('libraries that are installed are preloaded', () =>
  withWorkingDir(async (dir) => {
    const url = await startedUrl(dir, { PG_SHARED_PRELOAD_LIBRARIES: 'pg_stat_statements, auto_explain' });
    assert.equal(await query(url, 'SHOW shared_preload_libraries'), 'pg_stat_statements, auto_explain');
  }));

test('pg_cron is left out with a warning when nobody asked for it and it is not installed', () =>
  withWorkingDir(async (dir) => {
    const ended = await postgresInit(dir, { PG_SHARED_PRELOAD_LIBRARIES: undefined });
    assert.equal(ended.status, 0);
    assert.match(ended.stderr, /pg_cron is not installed .* not preloaded/);
  }));

test('server logs go to data/log, to PG_LOG_PATH, to one file, or nowhere', () =>
  withWorkingDir(async (dir) => {
    await startedUrl(dir);
    assert.match((await readdir(join(dir, 'data', 'log'))).join(), /^postgresql-.*\.log$/);
    await startedUrl(dir, { PG_LOG_PATH: join(dir, '..', 'logs') });
    assert.match((await readdir(join(dir, '..', 'logs'))).join(), /^postgresql-.*\.log$/);
    await startedUrl(dir, { PG_LOG_PATH: join(dir, '..', 'one', '100%.log') });
    assert.deepEqual(await readdir(join(dir, '..', 'one')), ['100%.log']);
    const url = await startedUrl(dir, { PG_DISABLE_LOGGING: '1' });
    assert.equal(await query(url, 'SHOW logging_collector'), 'off');
  }));

test('the shell hook of the documentation works to the letter: DB_URL names a role, a database and the working directory', () =>
  withDirectory(async (directory) => {
    const hook = `
      export LOCAL_DIR="$PWD"
      export DATABASE_DIR="$LOCAL_DIR/db"
      export PG_WORKING_DIR="$LOCAL_DIR/focus/postgresql"
      export DB_URL="postgresql://user@localhost/dbname?host=$PG_WORKING_DIR&port=5432"
      . "$BIN/postgres-init"
      echo "$DB_URL"`;
    const ended = await runProgram('sh', ['-euc', hook], { cwd: directory, env: { BIN: bin } });
    assert.equal(ended.status, 0, ended.stderr);
    assert.equal(await query(ended.stdout.trim(), "SELECT current_user || ' ' || current_database()"), 'user dbname');
    await cleanup(join(directory, 'focus', 'postgresql'));
  }));

test('two starts on one directory at once: one works, the others wait and use what it made', () =>
  withWorkingDir(async (dir) => {
    const all = await Promise.all([postgresInit(dir), postgresInit(dir), postgresInit(dir)]);
    assert.deepEqual(
      all.map(({ status, stderr }) => ({ status, stderr: status === 0 ? '' : stderr })),
      Array(3).fill({ status: 0, stderr: '' }),
    );
    const waited = all.filter(({ stderr }) => /Waiting for process \d+ .* starts this cluster/.test(stderr));
    assert.equal(waited.length, 2);
    const logs = await readdir(join(dir, 'data', 'log'));
    assert.equal(logs.length, 1, 'the server was started once');
  }));

test('a directory that holds other things keeps them', () =>
  withDirectory(async (directory) => {
    await writeFile(join(directory, 'work.txt'), 'mine');
    await mkdir(join(directory, 'sock'));
    await writeFile(join(directory, 'sock', 'left-over'), 'mine too');
    await startedUrl(directory);
    await startedUrl(directory);
    await cleanup(directory);
    assert.equal(await readFile(join(directory, 'work.txt'), 'utf8'), 'mine');
    assert.equal(await readFile(join(directory, 'sock', 'left-over'), 'utf8'), 'mine too');
  }));

test('postgres-cleanup succeeds when nothing runs, nothing is there, or a pid file is stale', () =>
  withWorkingDir(async (dir) => {
    await cleanup(dir);
    await startedUrl(dir);
    await cleanup(dir);
    await cleanup(dir);
    await writeFile(join(dir, 'data', 'postmaster.pid'), `${process.pid}\n${dir}/data\n`);
    await cleanup(dir);
    await rm(join(dir, 'data', 'postmaster.pid'), { force: true });
    const ended = await runProgram(join(bin, 'postgres-cleanup'), []);
    assert.equal(ended.status, 0, 'without any variable');
  }));

async function cleanup(dir: string): Promise<void> {
  const ended = await runProgram(join(bin, 'postgres-cleanup'), [], { env: { PG_WORKING_DIR: dir } });
  assert.equal(ended.status, 0, ended.stderr);
}
