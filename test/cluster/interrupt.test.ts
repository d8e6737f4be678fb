import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bin,
  type Ended,
  postgresInit,
  query,
  runProgram,
  startedUrl,
  withDirectory,
  withWorkingDir,
} from '../support/cluster.js';

const skip = process.platform !== 'linux' && 'looks at /proc';

/** Processes that work anywhere below a directory, also in one that was deleted, without those that only wait for their parent. */
function processesBelow(directory: string): { pid: number; parent: number }[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.flatMap((pid) => {
    try {
      if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(`${directory}/`)) return [];
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent) }];
    } catch {
      return [];
    }
  });
}

/** Servers, without their children; those that a kill left with work to end (initdb) get a moment for it. */
async function serversBelow(directory: string): Promise<number> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const all = processesBelow(directory);
    const roots = all.filter(({ parent }) => !all.some(({ pid }) => pid === parent));
    if (roots.length <= 1 || Date.now() > deadline) return roots.length;
    await sleep(50);
  }
}

/** Starts, and sends a signal after some time. */
function interrupted(dir: string, signal: NodeJS.Signals, ms: number, env: NodeJS.ProcessEnv): Promise<Ended> {
  const send = async (pid: number) => {
    await sleep(ms);
    try {
      process.kill(pid, signal);
    } catch {
      // It was faster.
    }
  };
  return runProgram(join(bin, 'postgres-init'), [], {
    env: { PG_WORKING_DIR: dir, ...env },
    onStart: (pid) => void send(pid),
  });
}

/** Moments from before the first line of our code to after the last, closer together where more happens. */
const moments = [40, 90, 130, 160, 190, 220, 250, 280, 310, 340, 370, 400, 450, 500, 600, 700, 850, 1000];

for (const cache of ['cold', 'warm'] as const) {
  test(`killed at any moment, with a ${cache} cache, the next start succeeds and one server is left`, { skip }, () =>
    withDirectory((directory) =>
      withWorkingDir(async (dir) => {
        const env = cache === 'cold' ? { XDG_CACHE_HOME: '/dev/null' } : { XDG_CACHE_HOME: directory };
        await startedUrl(dir, env);
        for (const ms of moments) {
          await interrupted(dir, 'SIGKILL', ms, env);
          if (ms % 20 !== 0) continue;
          await query(await startedUrl(dir, env, ms % 40 === 0 ? ['--reuse'] : []), 'SELECT 1');
          assert.equal(await serversBelow(dir), 1, `after ${ms} ms`);
        }
        await query(await startedUrl(dir, env), 'SELECT 1');
        assert.equal(await serversBelow(dir), 1);
        assert.deepEqual(
          (await readdir(join(dir, '.slipway'))).filter((name) => /^(draft|old)/.test(name)),
          [],
        );
      }),
    ),
  );
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} at any moment ends it with status ${status} and without a trace`, { skip }, () =>
    withWorkingDir(async (dir) => {
      for (const ms of [150, 200, 300, 400, 600]) {
        const ended = await interrupted(dir, signal, ms, { XDG_CACHE_HOME: '/dev/null' });
        assert.ok(ended.status === status || ended.signal === signal || ended.status === 0, ended.stderr);
        const left = await readdir(join(dir, '.slipway')).catch(() => []);
        assert.deepEqual(
          left.filter((name) => /^(lock|draft|old)/.test(name)),
          [],
        );
      }
      const ended = await postgresInit(dir);
      assert.equal(ended.status, 0, ended.stderr);
      assert.equal(await serversBelow(dir), 1);
    }),
  );
}
