import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withCluster } from '../support/cluster.js';
import { cases } from './cases.js';
import { Judge, psqlVersion } from './conformance.js';

test('--batch has the outcome of running statements singly', {
  skip: (await psqlVersion()) === undefined && 'there is no psql here to judge',
}, async (t) => {
  await withCluster(async (cluster) => {
    const judge = new Judge(cluster);
    await judge.prepare();
    for (const [name, given] of Object.entries(cases)) {
      if (given.args !== undefined) continue;
      await t.test(name, async () => {
        const expected = await judge.psql(given);
        assert.deepEqual(await judge.ours({ ...given, args: ['--batch', '-f', 's.sql'] }), expected);
      });
    }
  });
});
