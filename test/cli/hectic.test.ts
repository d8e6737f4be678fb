import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleFiles } from '../../src/hectic/bundle.js';
import { run } from '../support/cli.js';

test('slipway hectic paths prints the files in order, or the one that is named', async () => {
  const all = await run('slipway', ['hectic', 'paths']);
  assert.equal(all.status, 0);
  assert.deepEqual(
    all.stdout.trimEnd().split('\n'),
    bundleFiles().map(({ path }) => path),
  );
  const one = await run('slipway', ['hectic', 'paths', 'secret']);
  assert.equal(one.stdout, `${bundleFiles()[1]?.path}\n`);
});

test('slipway hectic paths refuses a name that it does not know', async () => {
  const { status, stderr } = await run('slipway', ['hectic', 'paths', 'nope']);
  assert.equal(status, 9);
  assert.match(stderr, /no file 'nope'[\s\S]*version, secret, migration, inheritance/);
});
