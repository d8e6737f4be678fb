import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleVersion } from '../hectic/bundle.js';
import { type Facts, planSteps, type Request } from './plan.js';

const facts: Facts = {
  workingDir: '/p/pg',
  hasCluster: false,
  elsewhere: undefined,
  entrypoint: '/p/e.sql',
  secrets: '/p/.env',
  patchFile: '/p/t.sql',
  hasPatchFile: true,
};
const bundle = `apply the hectic bundle ${bundleVersion}`;
const cases: readonly [name: string, facts: Partial<Facts>, request: Request, steps: string[]][] = [
  ['a first start', {}, { start: { reuse: false } }, ['make a cluster in /p/pg']],
  ['a fresh start', { hasCluster: true }, { start: { reuse: false } }, ['replace the cluster in /p/pg by a fresh one']],
  ['reuse', { hasCluster: true }, { start: { reuse: true } }, ['start the cluster in /p/pg with its data']],
  [
    'hydrate',
    {},
    { hydrate: { hook: true, mock: false } },
    [bundle, 'replace the secrets by those of /p/.env', 'run /p/e.sql'],
  ],
  [
    'no secrets',
    { secrets: undefined },
    { hydrate: { hook: true, mock: true } },
    [bundle, 'run /p/e.sql with USE_MOCK=1'],
  ],
  ['no hook', {}, { hydrate: { hook: false, mock: false } }, ['run /p/e.sql']],
  ['patch', {}, { patch: true }, ['run /p/t.sql']],
  ['a missing patch file', { hasPatchFile: false }, { patch: true }, ['create /p/t.sql, empty']],
  ['cleanup', {}, { cleanup: true }, ['stop the cluster and remove /p/pg']],
  [
    'a server elsewhere is neither started nor removed',
    { elsewhere: 'postgresql:///x' },
    { start: { reuse: false }, patch: true, cleanup: true },
    ['work on postgresql:///x, which is not in /p/pg', 'run /p/t.sql'],
  ],
];

for (const [name, some, request, steps] of cases) {
  test(`plan: ${name}`, () => assert.deepEqual(planSteps({ ...facts, ...some }, request), steps));
}
