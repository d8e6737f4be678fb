import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterUrl } from '../../src/cluster/url.js';
import { type Interceptor, withProxy } from '../support/proxy.js';
import { assertWhole, files, names, sessionsGone } from './effects.js';
import { assertStatus, startBench, type Workbench } from './workbench.js';

/** How often; MIGRATE_CUTS=300 for a campaign. */
const rounds = Number(process.env.MIGRATE_CUTS ?? 10);
const bench = await startBench();
const { server } = bench;

const up = ['migrate', 'up'];

test('a connection that is lost at any byte leaves whole migrations behind, and the next run finishes', (t) =>
  withProxy(server, async (proxy) => {
    let total = 0;
    await bench.with(files, async ({ migrator, database }) => {
      assertStatus(await migrator(up, through(proxy, database.name)), 0);
      total = proxy.bytes;
    });
    const counts: number[] = [];
    for (let round = 0; round < rounds; round++) {
      proxy.cutAfter(1 + Math.floor(Math.random() * total));
      await bench.with(files, async (workbench) => void counts.push(await loseAndCount(workbench, proxy)), {
        empty: round % 4 === 3,
      });
    }
    t.diagnostic(`migrations that were there after the cuts: ${counts.join(' ')}`);
  }));

function through({ host }: Interceptor, database: string): { DB_URL: string } {
  return { DB_URL: clusterUrl({ host, port: server.port, user: server.user, database }) };
}

async function loseAndCount({ migrator, client, database }: Workbench, proxy: Interceptor): Promise<number> {
  const ended = await migrator(up, through(proxy, database.name));
  await sessionsGone(client);
  const count = await assertWhole(client);
  if (ended.status === 0) assert.equal(count, names.length);
  else assert.doesNotMatch(ended.stderr, /this is a bug/);
  assertStatus(await migrator(up), 0);
  assert.equal(await assertWhole(client), names.length);
  return count;
}
