import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { clusterUrl } from '../../src/cluster/url.js';
import { withDirectory } from '../support/cluster.js';
import { assertStatus, flat, startBench } from './workbench.js';

const bench = await startBench();
const pgbouncer = ['pgbouncer', '/usr/sbin/pgbouncer'].find(
  (path) => spawnSync(path, ['--version']).error === undefined,
);
/** PgBouncer refuses to run as root, and has to reach the socket in root's private directory: a namespace makes root another user. */
const isRoot = process.getuid?.() === 0;
const namespace = ['--user', '--map-user=1000', '--map-group=1000'];
const canChangeUser = !isRoot || spawnSync('unshare', [...namespace, 'true']).status === 0;
const skip =
  pgbouncer === undefined
    ? 'pgbouncer is not installed'
    : canChangeUser
      ? false
      : 'pgbouncer does not run as root, and user namespaces are forbidden here';

/** Lends a PgBouncer before the test's server, as a URL of the database behind it. */
async function withPgBouncer(
  database: string,
  settings: readonly string[],
  use: (url: string) => Promise<void>,
): Promise<void> {
  const { host, port, user } = bench.server;
  await withDirectory(async (root) => {
    const directory = join(root, 'b');
    await mkdir(directory);
    const lines = [
      '[databases]',
      `* = host=${host} port=${port} user=${user}`,
      '[pgbouncer]',
      `unix_socket_dir = ${directory}`,
      'listen_port = 6432',
      'auth_type = any',
      ...settings,
    ];
    await writeFile(join(directory, 'ini'), `${lines.join('\n')}\n`);
    const command = [pgbouncer ?? '', '-q', join(directory, 'ini')];
    const [program = '', ...argv] = isRoot ? ['unshare', ...namespace, ...command] : command;
    const child = spawn(program, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    const url = clusterUrl({ host: directory, port: 6432, user, database });
    try {
      await answers(child, url);
      await use(url);
    } finally {
      child.kill('SIGKILL');
    }
  });
}

/** Polls until the pooler hands on a query. */
async function answers(child: ChildProcess, connectionString: string): Promise<void> {
  const said: string[] = [];
  child.stderr?.on('data', (text: Buffer) => said.push(String(text)));
  for (let attempt = 0; ; attempt++) {
    if (child.exitCode !== null || attempt > 200) assert.fail(`pgbouncer does not answer: ${said.join('')}`);
    const client = new pg.Client({ connectionString });
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch {
      await wait(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

const files = { '20240101000000-a.sql': flat('SELECT 1;') };

/** Settings of PgBouncer, and whether the migrator refuses to work through it. */
const poolers: readonly (readonly [name: string, settings: readonly string[], isRefused: boolean])[] = [
  ['transaction mode', ['pool_mode = transaction'], true],
  ['transaction mode with one server connection', ['pool_mode = transaction', 'default_pool_size = 1'], true],
  ['transaction mode that takes turns', ['pool_mode = transaction', 'server_round_robin = 1'], true],
  ['statement mode', ['pool_mode = statement'], true],
  ['session mode', ['pool_mode = session'], false],
  ['session mode with one server connection', ['pool_mode = session', 'default_pool_size = 1'], false],
];

for (const [name, settings, isRefused] of poolers) {
  test(
    `PgBouncer in ${name} is ${isRefused ? 'refused with the remedy' : 'as good as the server itself'}`,
    { skip },
    () =>
      bench.with(files, ({ migrator, database, applied }) =>
        withPgBouncer(database.name, settings, async (url) => {
          const ended = await migrator(['migrate', 'up', '--no-hook'], { DB_URL: url });
          assertStatus(ended, isRefused ? 2 : 0);
          if (isRefused) {
            assert.match(ended.stderr, /:6432 is a connection pooler that shares sessions between clients/);
            assert.match(ended.stderr, /hint: .*connect to the server itself[\s\S]*pool_mode = session/);
          }
          assert.deepEqual(await applied(), isRefused ? [] : ['20240101000000-a']);
        }),
      ),
  );
}
