import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTap } from './tap.js';

const cases: readonly [name: string, output: string, summary: ReturnType<typeof readTap>][] = [
  ['output without TAP is no TAP', 'BEGIN\n count \n 3\n', undefined],
  ['a kept plan with passing assertions', '1..2\nok 1 - a\nok 2 - b\n', { count: 2, failures: [], faults: [] }],
  ['a plan at the end', 'ok 1 - a\n1..1\n', { count: 1, failures: [], faults: [] }],
  ['a failed assertion', '1..1\nnot ok 1 - total is right\n', { count: 1, failures: ['total is right'], faults: [] }],
  ['a failed assertion without a description', 'not ok\n', { count: 1, failures: ['assertion 1'], faults: [] }],
  ['a TODO may fail', 'not ok 1 - later # TODO not yet\n', { count: 1, failures: [], faults: [] }],
  ['a skipped one counts', 'ok 1 # SKIP no data\n', { count: 1, failures: [], faults: [] }],
  ['an empty plan is kept by nothing', '1..0 # SKIP all\n', { count: 0, failures: [], faults: [] }],
  ['too few assertions', '1..3\nok 1\n', { count: 1, failures: [], faults: ['planned 3 assertions but ran 1'] }],
  ['a bail-out', 'Bail out! no table\n', { count: 0, failures: [], faults: ['bailed out: no table'] }],
  ['diagnostics and CRLF', '1..1\r\n# note\r\nok 1 - a\r\n', { count: 1, failures: [], faults: [] }],
  [
    'a subtest counts by its verdict',
    '    not ok 1 - inner\n    1..1\nok 1 - outer # TODO\n1..1',
    { count: 1, failures: [], faults: [] },
  ],
  ['words that only begin like TAP', 'okay 1\nnot okay\n', undefined],
];

for (const [name, output, summary] of cases) test(`TAP: ${name}`, () => assert.deepEqual(readTap(output), summary));
