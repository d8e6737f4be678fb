import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertWhole, files, names, sessionsGone } from './effects.js';
import { assertStatus, startBench, type Workbench } from './workbench.js';

/** How often; `MIGRATE_KILLS=300 npm test -- migrate/kill` is the campaign. */
const rounds = Number(process.env.MIGRATE_KILLS ?? 10);
const bench = await startBench();

const up = ['migrate', 'up'];

test('migrators that are killed at any moment leave whole migrations behind, and the next run finishes', async (t) => {
  let span = 0;
  await bench.with(files, async ({ start, client }) => {
    const started = performance.now();
    assertStatus(await start(up).ended, 0);
    span = performance.now() - started;
    assert.equal(await assertWhole(client), names.length);
  });
  const counts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const moments = randomMoments(span);
    await bench.with(files, async (workbench) => void counts.push(await killAndCount(workbench, moments)), {
      empty: round % 3 === 2,
    });
  }
  t.diagnostic(`migrations that were there after the kills: ${counts.join(' ')}`);
});

/** When each of two or three competing migrators is killed; undefined: it is not. One at least is. */
function randomMoments(span: number): readonly (number | undefined)[] {
  const moments = Array.from({ length: 2 + Math.round(Math.random()) }, () =>
    Math.random() < 0.7 ? Math.random() * span * 1.5 : undefined,
  );
  return moments.every((moment) => moment === undefined) ? [Math.random() * span] : moments;
}

async function killAndCount(workbench: Workbench, moments: readonly (number | undefined)[]): Promise<number> {
  const { start, client } = workbench;
  const ends = await Promise.all(
    moments.map(async (moment) => {
      const { child, ended } = start(up);
      if (moment === undefined) return { ended: await ended, isVictim: false };
      const timer = setTimeout(() => child.kill('SIGKILL'), moment);
      return { ended: await ended.finally(() => clearTimeout(timer)), isVictim: true };
    }),
  );
  await sessionsGone(client);
  const count = await assertWhole(client);
  for (const { ended, isVictim } of ends) {
    if (!isVictim) assertStatus(ended, 0);
    if (ended.status === 0) assert.equal(count, names.length, 'whoever says that it is done has done it');
  }
  assertStatus(await start(up).ended, 0);
  assert.equal(await assertWhole(client), names.length);
  return count;
}
