import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../src/cluster/lock.js';
import { here } from '../../src/cluster/processes.js';
import { withDirectory } from '../support/cluster.js';

test('one at a time holds a lock, and nothing of it stays', () =>
  withDirectory(async (directory) => {
    let inside = 0;
    const hold = () =>
      withLock(join(directory, 'lock'), { purpose: 'counts' }, async () => {
        inside += 1;
        await sleep(2);
        assert.equal(inside, 1);
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 8 }, hold));
    assert.deepEqual(await readdir(directory), []);
  }));

test('many who find a dead holder at once do not both get in', () =>
  withDirectory(async (directory) => {
    const dead = { pid: 4_000_000, started: '1', place: await here(), token: 'dead', purpose: 'died' };
    for (let round = 0; round < 10; round += 1) {
      await writeFile(join(directory, 'lock'), JSON.stringify(dead));
      let inside = 0;
      const hold = () =>
        withLock(join(directory, 'lock'), { purpose: 'counts' }, async () => {
          inside += 1;
          await sleep(1);
          assert.equal(inside, 1);
          inside -= 1;
        });
      await Promise.all(Array.from({ length: 6 }, hold));
    }
    assert.deepEqual(await readdir(directory), []);
  }));

test('a holder of an earlier boot is gone; one on another host is waited for, and named', () =>
  withDirectory(async (directory) => {
    const lock = join(directory, 'lock');
    const holder = (place: object) =>
      JSON.stringify({ pid: process.pid, started: '1', place, token: 'x', purpose: 'starts' });
    await writeFile(lock, holder({ host: hostname(), boot: 'earlier', namespace: '' }));
    await withLock(lock, { purpose: 'tests' }, async () => undefined);
    await writeFile(lock, holder({ host: 'elsewhere', boot: 'b', namespace: 'n' }));
    const seen: string[] = [];
    const waiting = withLock(
      lock,
      {
        purpose: 'tests',
        signal: AbortSignal.timeout(100),
        onWait: ({ host, purpose }) => seen.push(`${host} ${purpose}`),
      },
      async () => undefined,
    );
    await assert.rejects(waiting, { name: 'TimeoutError' });
    assert.deepEqual(seen, ['elsewhere starts']);
  }));
