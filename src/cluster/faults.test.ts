import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenReason, explainFailure } from './faults.js';
import { readClusterSettings } from './settings.js';

const settings = readClusterSettings({ PG_WORKING_DIR: '/w' });

/** What a server says, and the status and first line that it becomes. */
const sayings: readonly (readonly [string, number, RegExp])[] = [
  ['FATAL:  could not write lock file "postmaster.pid": No space left on device', 1, /the disk that holds \/w is full/],
  ['FATAL:  could not access file "pg_cron": No such file or directory', 127, /library pg_cron/],
  ['FATAL:  lock file "postmaster.pid" already exists', 2, /another server uses the data directory/],
  ['FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use', 2, /another server uses/],
  ['LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', 2, /listens at 127\.0\.0\.1/],
  ['FATAL:  lock file "/w/sock/.s.PGSQL.5432.lock" already exists', 2, /listens at \/w\/sock\/\.s\.PGSQL\.5432$/m],
  [
    'LOG:  syntax error in file "/w/data/postgresql.conf" line 3, near token "x"',
    1,
    /refuses the configuration in \/w\/data/,
  ],
  ['FATAL:  data directory "/w/data" has wrong ownership', 1, /may not use files/],
  ['FATAL:  database files are incompatible with server', 2, /another build/],
  ['FATAL:  something new', 1, /starting failed/],
];

for (const [output, status, message] of sayings) {
  test(`"${output}" becomes status ${status} with a remedy`, () => {
    const error = explainFailure('starting', output, settings);
    assert.match(error.message, message);
    assert.equal(error.exitCode, status);
    assert.ok(error.hint);
    assert.equal(brokenReason(output), undefined);
  });
}

test('only what is proved about the files counts as broken', () => {
  assert.equal(brokenReason('x [1] FATAL:  incorrect checksum in control file'), 'incorrect checksum in control file');
  assert.equal(
    brokenReason('x [1] PANIC:  could not locate a valid checkpoint record at 0/1'),
    'could not locate a valid checkpoint record at 0/1',
  );
});
