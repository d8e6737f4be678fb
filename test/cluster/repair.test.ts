import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { serverProcesses } from '../../src/cluster/server.js';
import { stopCluster } from '../../src/cluster/stop.js';
import { postgresInit, query, startedUrl, withWorkingDir } from '../support/cluster.js';

const reuse = { PG_REUSE: '1' };

/** What breaks a cluster for good: each is noticed, the old data is moved aside, and a new cluster runs. */
const damages: Readonly<Record<string, (data: string) => Promise<unknown>>> = {
  'an initdb that did not write its control file': (data) => rm(join(data, 'global', 'pg_control')),
  'an initdb that had only begun': async (data) => {
    for (const name of await readdir(data))
      if (!['PG_VERSION', 'base', 'pg_wal'].includes(name)) await rm(join(data, name), { recursive: true });
  },
  'a control file that is cut off': (data) => truncate(join(data, 'global', 'pg_control'), 100),
  'a control file with wrong contents': (data) => writeFile(join(data, 'global', 'pg_control'), Buffer.alloc(8192, 7)),
  'a write-ahead log that is gone': (data) => rm(join(data, 'pg_wal'), { recursive: true }),
  'a write-ahead log without its last checkpoint': async (data) => {
    for (const name of await readdir(join(data, 'pg_wal')))
      if (/^[0-9A-F]{24}$/.test(name)) await truncate(join(data, 'pg_wal', name), 0);
  },
};

for (const [what, damage] of Object.entries(damages)) {
  test(`${what} is repaired on reuse: the old data is moved aside, and its place is named`, () =>
    withWorkingDir(async (dir) => {
      await startedUrl(dir);
      await stopCluster(dir);
      await writeFile(join(dir, 'data', 'log', 'mine.log'), 'a file to find again');
      await damage(join(dir, 'data'));
      const ended = await postgresInit(dir, reuse);
      assert.equal(ended.status, 0, ended.stderr);
      const aside = /It was moved to (.*), and a new cluster takes its place/.exec(ended.stderr)?.[1] ?? '';
      assert.match(aside, /\/data\.broken-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$/);
      assert.ok(existsSync(join(aside, 'base')));
      await query(ended.stdout.trim(), 'SELECT 1');
    }));
}

/** Traces of a server that is gone: the data is kept. */
const stale: Readonly<Record<string, (dir: string) => Promise<void>>> = {
  'a pid file of a process that is gone': (dir) => writePid(dir, '999999'),
  'a pid file whose number another program has now': (dir) => writePid(dir, String(process.ppid)),
  'an empty pid file': (dir) => writeFile(join(dir, 'data', 'postmaster.pid'), ''),
  'a lock file of a socket whose number another program has now': (dir) =>
    writeFile(join(dir, 'sock', '.s.PGSQL.5432.lock'), `${process.ppid}\n${dir}/data\n1\n5432\n${dir}/sock\n`),
  'a lock of ours that a dead process holds': (dir) =>
    writeFile(
      join(dir, '.slipway', 'lock'),
      JSON.stringify({ pid: 999999, started: '1', place: {}, token: 'x', purpose: '' }),
    ),
  'an empty lock of ours': (dir) => writeFile(join(dir, '.slipway', 'lock'), ''),
  'a cluster that was about to be replaced': async (dir) => {
    await rename(join(dir, 'data'), join(dir, '.slipway', 'old-1-x'));
  },
};

for (const [what, leave] of Object.entries(stale)) {
  test(`${what} does not stop a start, and the data is kept`, () =>
    withWorkingDir(async (dir) => {
      await query(await startedUrl(dir), 'CREATE TABLE kept ()');
      await stopCluster(dir);
      await leave(dir);
      assert.equal(await query(await startedUrl(dir, reuse), "SELECT to_regclass('kept')"), 'kept');
    }));
}

function writePid(dir: string, pid: string): Promise<void> {
  const lines = [
    pid,
    join(dir, 'data'),
    '1700000000',
    '5432',
    join(dir, 'sock'),
    '',
    ' 10052199        38',
    'ready   ',
  ];
  return writeFile(join(dir, 'data', 'postmaster.pid'), `${lines.join('\n')}\n`);
}

test('a server that was killed, and one whose directory was deleted under it, are found', () =>
  withWorkingDir(async (dir) => {
    const url = await startedUrl(dir);
    await query(url, 'CREATE TABLE kept ()');
    await query(url, 'CHECKPOINT');
    const pid = Number((await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    assert.equal(await query(await startedUrl(dir, reuse), "SELECT to_regclass('kept')"), 'kept');
    await rm(join(dir, 'data'), { recursive: true, maxRetries: 9 });
    await rm(join(dir, 'sock'), { recursive: true });
    await startedUrl(dir);
    const running = await serverProcesses(join(dir, 'data'));
    const child = spawn('ps', ['-o', 'ppid=', '-p', running.join()], { stdio: ['ignore', 'pipe', 'ignore'] });
    let parents = '';
    child.stdout.on('data', (text) => {
      parents += text;
    });
    await once(child, 'close');
    const postmasters = running.filter((one) => new RegExp(`^\\s*${one}$`, 'm').test(parents));
    assert.equal(postmasters.length, 1, 'one server is left');
  }));
