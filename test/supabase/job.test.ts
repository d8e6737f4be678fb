import { type TestContext, test } from 'node:test';
import { findBinaries } from '../../src/cluster/binaries.js';
import { concurrency } from './job-concurrency.js';
import { interruptions } from './job-interruptions.js';
import { lifecycle } from './job-lifecycle.js';
import { refusals } from './job-refusals.js';
import { type Case, type Place, withPlace } from './place.js';
import { busybox, dash, isMissing, podIsImpossible } from './shells.js';

const withoutSystem = await findBinaries('system', '/nonexistent', process.env).then(
  ({ major }) => (major === 15 ? false : `the system's PostgreSQL is ${major}, not 15`),
  () => 'no PostgreSQL is installed on this system',
);

test('the Job on PostgreSQL 18, with dash', { skip: podIsImpossible || isMissing('dash') }, (t) =>
  withPlace(
    undefined,
    async () => dash(),
    (place) => runCases(t, place, [...lifecycle, ...refusals]),
  ),
);

test(
  'the Job on PostgreSQL 15, with BusyBox',
  { skip: podIsImpossible || isMissing('busybox') || withoutSystem },
  (t) => withPlace('system', busybox, (place) => runCases(t, place, [...concurrency, ...lifecycle, ...interruptions])),
);

/** In order, on one server: a case may build on what the ones before it have left. */
async function runCases(t: TestContext, place: Place, cases: readonly Case[]): Promise<void> {
  for (const [name, run] of cases) await t.test(name, () => run(place));
}
