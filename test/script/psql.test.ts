import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withCluster } from '../support/cluster.js';
import { cases } from './cases.js';
import { Judge, psqlVersion } from './conformance.js';

const version = await psqlVersion();

test('what psql does, ours does', { skip: version === undefined && 'there is no psql here to judge' }, async (t) => {
  await withCluster(async (cluster) => {
    const judge = new Judge(cluster);
    await judge.prepare();
    for (const [name, given] of Object.entries(cases)) {
      await t.test(name, async () => {
        const expected = await judge.psql(given);
        assert.deepEqual(await judge.ours(given), expected);
      });
    }
  });
});
