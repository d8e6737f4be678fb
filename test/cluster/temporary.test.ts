import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { serverProcesses } from '../../src/cluster/server.js';
import { withTemporaryCluster } from '../../src/cluster/temporary.js';
import { query, runProgram, testEnvironment, withCluster, withDirectory } from '../support/cluster.js';

test('a temporary cluster answers under its URL and leaves nothing behind', async () => {
  const cluster = await withCluster(async (lent) => {
    assert.equal(
      await query(lent.url, "SELECT current_database() || ' ' || current_user"),
      `${lent.database} ${lent.user}`,
    );
    return lent;
  });
  assert.equal(existsSync(cluster.workingDir), false);
  assert.deepEqual(await serverProcesses(cluster.dataDir), []);
});

test("any number of temporary clusters run at once, and none touches the developer's own", () =>
  withDirectory(async (directory) => {
    const env = {
      PG_WORKING_DIR: join(directory, 'own'),
      LOCAL_DIR: directory,
      PG_PORT: '7777',
      PG_REUSE: '1',
      PG_LOG_PATH: directory,
    };
    const urls = await Promise.all([1, 2, 3].map(() => withCluster(async ({ url }) => url, env)));
    assert.equal(new Set(urls).size, 3);
    assert.deepEqual(await readdir(directory), []);
  }));

test('it is removed when its use fails, or is aborted while it starts', async () => {
  let dir = '';
  await assert.rejects(
    withCluster(async ({ workingDir }) => {
      dir = workingDir;
      throw new Error('the use failed');
    }),
    /the use failed/,
  );
  assert.equal(existsSync(dir), false);
  await withDirectory(async (directory) => {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = directory;
    try {
      const signal = AbortSignal.timeout(60);
      await assert.rejects(
        withTemporaryCluster(
          { signal, env: testEnvironment() },
          () => new Promise((resolve) => setTimeout(resolve, 60)),
        ).then(() => signal.throwIfAborted()),
      );
      assert.deepEqual(await readdir(directory), []);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });
});

test('what a killed process left behind is removed by the next one', () =>
  withDirectory(async (directory) => {
    const module = new URL('../../src/cluster/temporary.js', import.meta.url).href;
    const code = `import(${JSON.stringify(module)}).then(({ withTemporaryCluster }) => withTemporaryCluster({}, async ({ dataDir }) => {
      console.log(dataDir);
      process.kill(process.pid, 'SIGKILL');
    }));`;
    const env = { XDG_CACHE_HOME: directory, TMPDIR: directory };
    const killed = await runProgram('node', ['-e', code], { env });
    const dataDir = killed.stdout.trim();
    assert.notDeepEqual(await serverProcesses(dataDir), []);
    await withCluster(async () => undefined, { XDG_CACHE_HOME: directory });
    assert.deepEqual(await serverProcesses(dataDir), []);
    assert.equal(existsSync(dataDir), false);
    assert.deepEqual(await readdir(join(directory, 'slipway', 'temporary')), []);
  }));
