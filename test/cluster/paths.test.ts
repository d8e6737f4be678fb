import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readlink, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeCluster, stopCluster } from '../../src/cluster/stop.js';
import { postgresInit, query, runProgram, startedUrl, withDirectory, withWorkingDir } from '../support/cluster.js';

const deep = join(...Array(5).fill('a directory of thirty letters.'));

test('under a path of 150 characters the socket moves to a short private directory, the same one every time', () =>
  withWorkingDir(async (dir) => {
    const url = await startedUrl(dir);
    await query(url, 'SELECT 1');
    const short = await readlink(join(dir, 'sock'));
    assert.ok(url.includes(`host=${short}&`), url);
    assert.equal((await stat(short)).mode & 0o777, 0o700);
    assert.equal(await startedUrl(dir), url);
    assert.equal(await startedUrl(dir, { PG_REUSE: '1' }), url);
    await removeCluster(dir);
    assert.equal(existsSync(short), false);
    assert.equal(existsSync(dir), false);
  }, deep));

test('XDG_RUNTIME_DIR is preferred for it, where its own path is short', () =>
  withWorkingDir(async (dir) => {
    const runtime = join(dir.slice(0, dir.indexOf('/a directory')), 'run');
    await mkdir(runtime, { mode: 0o700 });
    assert.match(await startedUrl(dir, { XDG_RUNTIME_DIR: runtime }), /host=[^&]*\/run\/slipway-/);
    const status = await runProgram('ls', ['-A', runtime]);
    assert.match(status.stdout, /^slipway-\d+-[0-9a-f]{12}\n$/);
    await startedUrl(dir, { XDG_RUNTIME_DIR: join(dir, 'too', 'long') });
    await removeCluster(dir);
  }, deep));

test('a place for the socket that somebody else made is refused', () =>
  withWorkingDir(async (dir) => {
    await startedUrl(dir);
    const short = await readlink(join(dir, 'sock'));
    await stopCluster(dir);
    assert.equal(existsSync(short), false);
    await mkdir(short, { mode: 0o755 });
    const ended = await postgresInit(dir, { PG_REUSE: '1' });
    assert.match(ended.stderr, /is not a private directory of ours/);
    assert.equal(ended.status, 1);
    await rmdir(short);
  }, deep));

test('a path with a comma, which libpq would take for two hosts, gets a short one too', () =>
  withWorkingDir(async (dir) => {
    await query(await startedUrl(dir), 'SELECT 1');
    assert.ok((await lstat(join(dir, 'sock'))).isSymbolicLink());
    await removeCluster(dir);
  }, 'one,two'));

test('removing a cluster leaves everything that is not the cluster', () =>
  withDirectory(async (dir) => {
    await mkdir(join(dir, 'notes'));
    await startedUrl(dir);
    assert.equal(await removeCluster(dir), 'stopped');
    assert.deepEqual((await runProgram('ls', ['-A', dir])).stdout, 'notes\n');
    assert.equal(await removeCluster(dir), 'not running');
    assert.equal(await removeCluster(join(dir, 'nothing')), 'not running');
  }));
