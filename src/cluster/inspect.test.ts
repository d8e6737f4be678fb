import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DataAction, type DataState, decideData } from './inspect.js';

const ours = { kind: 'cluster', major: 18, ours: true } as const;
const aside = { do: 'move aside', reason: 'why' } as const;

/** What stands there; what happens fresh; what happens with reuse. */
const table: readonly (readonly [DataState, DataAction, DataAction])[] = [
  [{ kind: 'absent' }, { do: 'create' }, { do: 'create' }],
  [{ kind: 'empty' }, { do: 'create' }, { do: 'create' }],
  [ours, { do: 'replace' }, { do: 'start' }],
  [{ ...ours, major: 17 }, { do: 'replace' }, { do: 'refuse', because: 'version' }],
  [{ ...ours, ours: false }, { do: 'refuse', because: 'not ours' }, { do: 'start' }],
  [{ kind: 'broken', reason: 'why', ours: true }, { do: 'replace' }, aside],
  [{ kind: 'broken', reason: 'why', ours: false }, aside, aside],
  [
    { kind: 'foreign', example: 'x' },
    { do: 'refuse', because: 'foreign' },
    { do: 'refuse', because: 'foreign' },
  ],
];

for (const [state, fresh, reused] of table) {
  test(`${JSON.stringify(state)}: fresh ${fresh.do}, reused ${reused.do}`, () => {
    assert.deepEqual(decideData(state, { reuse: false, major: 18 }), fresh);
    assert.deepEqual(decideData(state, { reuse: true, major: 18 }), reused);
  });
}
