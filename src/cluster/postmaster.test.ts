import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePostmasterFile } from './postmaster.js';

test('a whole file tells process, directory, port, socket and status', () => {
  const text = '77\n/data\n1700000000\n5432\n/sock\n\n 10052199        38\nready   \n';
  assert.deepEqual(parsePostmasterFile(text), {
    pid: 77,
    standalone: false,
    dataDir: '/data',
    port: 5432,
    socketDir: '/sock',
    status: 'ready',
  });
});

test('a negative number is a single-user backend; an empty or strange file is none', () => {
  assert.equal(parsePostmasterFile('-77\n/data\n')?.standalone, true);
  for (const text of ['', '\n', 'x\n']) assert.equal(parsePostmasterFile(text), undefined);
});
