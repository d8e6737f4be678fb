/**
 * A fresh cluster with a database, from nothing to the first query: `postgres-init` with a cold and a warm cache, against initdb,
 * pg_ctl and createdb of the same server.
 * Usage: node dist/bench/init.js [ROUNDS]
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { asAccount, currentAccount } from '../src/cluster/account.js';
import { findBinaries } from '../src/cluster/binaries.js';
import { cacheDirectory } from '../src/cluster/places.js';
import { stopCluster } from '../src/cluster/stop.js';
import { type Contestant, compare } from './measure.js';

const run = promisify(execFile);
const postgresInit = join(import.meta.dirname, '..', '..', 'bin', 'postgres-init');
const user = userInfo().username;
const { binDir } = await findBinaries(process.env.PG_BIN_DIR, cacheDirectory(process.env), process.env);
const account = currentAccount(undefined, undefined);
const directory = await mkdtemp(join(tmpdir(), 'slipway-bench-'));

/** A program of the server, as whom it has to run. */
function server(program: string, ...args: string[]): Promise<unknown> {
  const started = asAccount(account, join(binDir, program), args);
  return run(started.command, [...started.args], { ...started.ids, env: { ...process.env, LC_ALL: 'C' } });
}

const hasCreatedb = await run('createdb', ['--version']).then(
  () => true,
  () => false,
);

async function createDatabase(host: string): Promise<void> {
  if (hasCreatedb) return void (await run('createdb', ['-h', host, '-U', user, 'testdb']));
  const client = new pg.Client({ host, user, database: 'postgres' });
  await client.connect();
  await client.query('CREATE DATABASE testdb');
  await client.end();
}

/** Nothing is removed between the rounds: ext4 avoids the numbers of files deleted a moment ago, and slows down everybody. */
let round = 0;

function place(): string {
  round += 1;
  return join(directory, String(round));
}

function byHand(): Contestant {
  let host = '';
  return {
    name: 'initdb + pg_ctl + createdb',
    before: async () => {
      host = place();
      await mkdir(host);
    },
    run: async () => {
      const data = join(host, 'data');
      const options = `-c listen_addresses= -c fsync=off -c unix_socket_directories=${host}`;
      await server('initdb', '-D', data, '-U', user, '-A', 'trust', '--encoding=UTF8', '--no-locale', '--no-sync');
      await server('pg_ctl', '-D', data, '-w', '-s', '-l', join(host, 'log'), '-o', options, 'start');
      await createDatabase(host);
    },
    after: () => server('pg_ctl', '-D', join(host, 'data'), '-w', '-s', '-m', 'fast', 'stop'),
  };
}

function ours(cache: 'cold' | 'warm'): Contestant {
  let workingDir = '';
  return {
    name: `postgres-init, ${cache} cache`,
    before: () => {
      workingDir = place();
    },
    run: () => {
      const cacheHome = cache === 'warm' ? join(directory, 'cache') : join(workingDir, 'cache');
      const own = { PG_WORKING_DIR: workingDir, XDG_CACHE_HOME: cacheHome, PG_SHARED_PRELOAD_LIBRARIES: '' };
      return run(postgresInit, [], { env: { ...process.env, ...own } });
    },
    after: () => stopCluster(workingDir),
  };
}

try {
  const rounds = Number(process.argv[2] ?? 7);
  await compare('a fresh cluster with a database', [byHand(), ours('cold'), ours('warm')], rounds);
} finally {
  await rm(directory, { recursive: true, force: true });
}
