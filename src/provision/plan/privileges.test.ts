import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparePrivileges, expandPrivileges } from './privileges.js';

test('ALL on tables includes MAINTAIN from version 17 on', () => {
  assert.ok(!expandPrivileges('tables', ['ALL'], 160009).has('MAINTAIN'));
  assert.ok(expandPrivileges('tables', ['ALL'], 170000).has('MAINTAIN'));
});

test('TEMP is TEMPORARY', () => assert.deepEqual([...expandPrivileges('database', ['TEMP'], 180000)], ['TEMPORARY']));

test('what is missing and what is too much are told apart', () => {
  const difference = comparePrivileges(new Set(['SELECT', 'INSERT']), new Set(['INSERT', 'DELETE']));
  assert.deepEqual(difference, { missing: ['SELECT'], excess: ['DELETE'] });
});
