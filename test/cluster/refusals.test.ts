import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stopCluster } from '../../src/cluster/stop.js';
import { postgresInit, query, startedUrl, withDirectory, withWorkingDir } from '../support/cluster.js';

const isRoot = process.getuid?.() === 0;
const reuse = { PG_REUSE: '1' };

interface Refusal {
  readonly what: string;
  /** Brings the trouble about and gives the environment of the start that must be refused; undone afterwards. */
  readonly trouble: (dir: string, undo: (() => unknown)[]) => Promise<NodeJS.ProcessEnv>;
  readonly status: number;
  readonly message: RegExp;
  readonly hint: RegExp;
  readonly skip?: string | false;
}

const refusals: readonly Refusal[] = [
  {
    what: 'a socket on which a foreign server listens',
    trouble: async (dir, undo) => {
      const server = createServer().listen(join(dir, 'sock', '.s.PGSQL.7001'));
      await once(server, 'listening');
      undo.push(() => server.close());
      return { PG_PORT: '7001' };
    },
    status: 2,
    message: /another server listens at .*\.s\.PGSQL\.7001/,
    hint: /PG_PORT/,
  },
  {
    what: 'a port of TCP that is busy',
    trouble: async (dir, undo) => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      undo.push(() => server.close());
      const { port } = server.address() as { port: number };
      const conf = await readFile(join(dir, 'data', 'postgresql.conf'), 'utf8');
      await writeFile(
        join(dir, 'data', 'postgresql.conf'),
        conf.replace("listen_addresses = ''", "listen_addresses = '127.0.0.1'"),
      );
      return { PG_PORT: String(port), ...reuse };
    },
    status: 2,
    message: /another server listens at 127\.0\.0\.1/,
    hint: /PG_PORT|listen_addresses/,
  },
  {
    what: 'a cluster of another major version',
    trouble: async (dir, undo) => {
      const file = join(dir, 'data', 'PG_VERSION');
      const version = await readFile(file, 'utf8');
      await writeFile(file, '13\n');
      undo.push(() => writeFile(file, version));
      return reuse;
    },
    status: 2,
    message: /is of PostgreSQL 13, but the server is \d+/,
    hint: /PG_BIN_DIR/,
  },
  {
    what: 'a data directory in use by a single-user PostgreSQL',
    trouble: async (dir, undo) => {
      const inside = spawn('sleep', ['60'], { cwd: join(dir, 'data') });
      undo.push(() => kill(inside));
      await writeFile(join(dir, 'data', 'postmaster.pid'), `-${inside.pid}\n${dir}/data\n`);
      undo.push(() => rm(join(dir, 'data', 'postmaster.pid')));
      return {};
    },
    status: 2,
    message: /is in use by process \d+/,
    hint: /end/,
  },
  {
    what: 'a data directory that belongs to somebody else',
    skip: !isRoot && 'only root can give files away',
    trouble: async (dir, undo) => {
      await stopCluster(dir);
      await chown(join(dir, 'data'), 12345, 12345);
      undo.push(() => chown(join(dir, 'data'), 0, 0));
      return {};
    },
    status: 1,
    message: /data belongs to user id 12345/,
    hint: /chown/,
  },
  {
    what: 'a PG_CONF_FILE with an error',
    trouble: async (dir) => {
      await writeFile(`${dir}.conf`, "work_mem = '4MB'\nno such line\n");
      return { PG_CONF_FILE: `${dir}.conf` };
    },
    status: 1,
    message: /refuses .*PG_CONF_FILE .*cluster\.conf[\s\S]*syntax error in file ".*cluster\.conf" line 2/,
    hint: /Correct/,
  },
  {
    what: 'a PG_CONF_FILE with a setting that does not exist',
    trouble: async (dir) => {
      await writeFile(`${dir}.conf`, 'work_memory = 4MB\n');
      return { PG_CONF_FILE: `${dir}.conf` };
    },
    status: 1,
    message: /unrecognized configuration parameter "work_memory"/,
    hint: /Correct/,
  },
  {
    what: 'a PG_CONF_FILE that is not there',
    trouble: async () => ({ PG_CONF_FILE: '/no/such.conf' }),
    status: 3,
    message: /cannot read PG_CONF_FILE \/no\/such\.conf/,
    hint: /PG_CONF_FILE/,
  },
  {
    what: 'a library that the user wants to preload and that is not installed',
    trouble: async () => ({ PG_SHARED_PRELOAD_LIBRARIES: 'pg_stat_statements,no_such_library' }),
    status: 127,
    message: /PG_SHARED_PRELOAD_LIBRARIES names no_such_library, not installed/,
    hint: /PG_BIN_DIR/,
  },
  {
    what: 'a library that a PG_CONF_FILE preloads and that is not installed',
    trouble: async (dir) => {
      await writeFile(`${dir}.conf`, "shared_preload_libraries = 'no_such_library'\n");
      return { PG_CONF_FILE: `${dir}.conf` };
    },
    status: 127,
    message: /no_such_library/,
    hint: /PG_BIN_DIR/,
  },
  {
    what: 'a PG_LOG_PATH where no logs can be written',
    trouble: async () => ({ PG_LOG_PATH: '/dev/null/logs' }),
    status: 1,
    message: /cannot write server logs to PG_LOG_PATH \/dev\/null\/logs/,
    hint: /PG_LOG_PATH/,
  },
  {
    what: 'a PG_BIN_DIR without a server',
    trouble: async () => ({ PG_BIN_DIR: '/usr/share' }),
    status: 127,
    message: /\/usr\/share has no initdb and no postgres/,
    hint: /PG_BIN_DIR/,
  },
  {
    what: 'a server of a version that is not supported',
    trouble: async (dir) => {
      await fakeServer(`${dir}.bin`, '13.9');
      return { PG_BIN_DIR: `${dir}.bin` };
    },
    status: 2,
    message: /PostgreSQL 13\.9, which is not supported/,
    hint: /14 to 18/,
  },
  {
    what: 'a server that does not run',
    trouble: async (dir) => {
      await fakeServer(`${dir}.bin`, '18.0', 'exit 126');
      return { PG_BIN_DIR: `${dir}.bin` };
    },
    status: 127,
    message: /does not run/,
    hint: /libraries/,
  },
];

for (const { what, trouble, status, message, hint, skip } of refusals) {
  test(`${what} is refused with a remedy, and the data is still there`, { skip }, () =>
    withWorkingDir(async (dir) => {
      await query(await startedUrl(dir), 'CREATE TABLE kept ()');
      const undo: (() => unknown)[] = [];
      try {
        const ended = await postgresInit(dir, await trouble(dir, undo));
        assert.match(ended.stderr, message);
        assert.match(ended.stderr, new RegExp(`^hint: .*${hint.source}`, 'm'));
        assert.equal(ended.status, status);
      } finally {
        for (const one of undo.reverse()) await one();
      }
      assert.equal(await query(await startedUrl(dir, reuse), "SELECT to_regclass('kept')"), 'kept');
    }),
  );
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function fakeServer(directory: string, version: string, more = ''): Promise<void> {
  await mkdir(directory);
  for (const name of ['initdb', 'postgres']) {
    await writeFile(join(directory, name), `#!/bin/sh\n${more}\necho '${name} (PostgreSQL) ${version}'\n`);
    await chmod(join(directory, name), 0o755);
  }
}

test('a directory that is not a data directory is left alone, fresh or reused', () =>
  withDirectory(async (dir) => {
    await mkdir(join(dir, 'data'));
    await writeFile(join(dir, 'data', 'thesis.txt'), 'years of work');
    for (const env of [{}, reuse]) {
      const ended = await postgresInit(dir, env);
      assert.match(ended.stderr, /data is not a PostgreSQL data directory: it holds thesis\.txt/);
      assert.equal(ended.status, 2);
    }
    assert.equal(await readFile(join(dir, 'data', 'thesis.txt'), 'utf8'), 'years of work');
  }));

test('a cluster that we did not make is not replaced; it can be reused', () =>
  withWorkingDir(async (dir) => {
    await query(await startedUrl(dir), 'CREATE TABLE kept ()');
    await withoutOurMarks(dir);
    const ended = await postgresInit(dir);
    assert.match(ended.stderr, /not made by postgres-init/);
    assert.equal(ended.status, 2);
    assert.equal(await query(await startedUrl(dir, reuse), "SELECT to_regclass('kept')"), 'kept');
  }));

/** Makes a data directory look like a distribution's. */
async function withoutOurMarks(dir: string): Promise<void> {
  const conf = join(dir, 'data', 'postgresql.conf');
  const lines = (await readFile(conf, 'utf8')).split('\n').filter((line) => !/slipway/.test(line));
  await writeFile(conf, lines.join('\n'));
}

/** Containers let root do much, but seldom this. */
const canMount = isRoot && spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

test(
  'a full disk is refused with a remedy, and the data is still there',
  { skip: !canMount && 'needs root and mount' },
  () =>
    withDirectory(async (directory) => {
      const disk = join(directory, 'disk');
      await mkdir(disk);
      assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', disk]).status, 0);
      try {
        const url = await startedUrl(disk);
        await query(url, 'CREATE TABLE kept ()');
        const ended = await postgresInit(disk);
        assert.match(ended.stderr, /the disk that holds .*disk is full/);
        assert.match(ended.stderr, /^hint: Free some space/m);
        assert.equal(ended.status, 1);
        assert.equal(await query(await startedUrl(disk, reuse), "SELECT to_regclass('kept')"), 'kept');
      } finally {
        await stopCluster(disk);
        spawnSync('umount', [disk]);
      }
    }),
);

test('a cluster of somebody else without a role for us is an error that says what to do', () =>
  withWorkingDir(async (dir) => {
    const url = await startedUrl(dir, { DB_URL: `postgresql://other@/testdb?host=${dir}` });
    const { username } = userInfo();
    await query(url.replace(`${username}@`, 'other@'), `ALTER ROLE "${username}" RENAME TO someone`);
    const ended = await postgresInit(dir, reuse);
    assert.match(ended.stderr, /runs, but cannot be set up: role ".*" does not exist\nhint: .*CREATE ROLE/);
    assert.equal(ended.status, 1);
  }));
