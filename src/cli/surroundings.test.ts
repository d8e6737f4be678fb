import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ConnectionLost } from '../postgres/request.js';
import { surroundingsError } from './surroundings.js';

const cases: readonly [name: string, thrown: () => unknown, message: RegExp | undefined, exitCode?: number][] = [
  ['a file that cannot be read', () => readFileSync('/'), /the system refuses .*EISDIR/, 13],
  [
    'a statement that the server refused',
    () => {
      throw Object.assign(new Error('role "x" does not exist'), { severity: 'ERROR', code: '42704' });
    },
    /the server refuses: role "x" does not exist \(SQLSTATE 42704\)/,
    1,
  ],
  [
    'a server that went away',
    () => {
      throw new Error('Connection terminated unexpectedly');
    },
    /the connection to the server was lost/,
    1,
  ],
  [
    'a connection that was cut',
    () => {
      throw new ConnectionLost();
    },
    /the connection to the server was lost/,
    1,
  ],
  [
    'a mistake of ours',
    () => {
      throw new TypeError('x is not a function');
    },
    undefined,
  ],
];

for (const [name, provoke, message, exitCode] of cases) {
  test(`${name} is ${message === undefined ? 'a bug' : 'for the user to mend'}`, () => {
    let error: ReturnType<typeof surroundingsError>;
    try {
      provoke();
    } catch (thrown) {
      error = surroundingsError(thrown);
    }
    assert.equal(error?.exitCode, exitCode);
    if (message !== undefined) assert.match(error?.message ?? '', message);
  });
}
