import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isVariableName, parseBoolean, parseInteger } from './parse.js';
import { VariableStore } from './store.js';

const booleans: readonly [texts: string, value: boolean | undefined][] = [
  ['t tr true TRUE y Ye yes on ON 1', true],
  ['f fa false FALSE n no of off OFF 0', false],
  ['o 10 01 2 truex onn offf x', undefined],
];
for (const [texts, value] of booleans)
  for (const text of texts.split(' '))
    test(`variables: ${text} read as a Boolean is ${value}`, () => assert.equal(parseBoolean(text), value));

test('variables: nothing is not a Boolean', () => assert.equal(parseBoolean(''), undefined));

const integers: readonly [text: string, value: number | undefined][] = [
  ['10', 10],
  [' -7', -7],
  ['+7', 7],
  ['0x1F', 31],
  ['010', 8],
  ['08', undefined],
  ['', undefined],
  ['1 ', undefined],
  ['1.5', undefined],
  ['2147483647', 2147483647],
  ['2147483648', undefined],
];
for (const [text, value] of integers)
  test(`variables: "${text}" read as an integer is ${value}`, () => assert.equal(parseInteger(text), value));

const names: readonly [name: string, valid: boolean][] = [
  ['a', true],
  ['1', true],
  ['_A9', true],
  ['é', true],
  ['', false],
  ['a-b', false],
  ['a b', false],
];
for (const [name, valid] of names)
  test(`variables: "${name}" is ${valid ? 'a' : 'no'} name`, () => assert.equal(isVariableName(name), valid));

/** What a control variable holds after being set (or unset, with undefined), or the reason why it was refused. */
const assignments: readonly [name: string, value: string | undefined, held: string | undefined, fault?: string][] = [
  ['x', 'a', 'a'],
  ['x', '', ''],
  ['x', undefined, undefined],
  ['ON_ERROR_STOP', '', 'on'],
  ['ON_ERROR_STOP', 'yes', 'yes'],
  ['ON_ERROR_STOP', undefined, 'off'],
  ['ON_ERROR_STOP', 'x', 'off', 'unrecognized value "x" for "ON_ERROR_STOP": Boolean expected'],
  ['AUTOCOMMIT', undefined, 'off'],
  ['ON_ERROR_ROLLBACK', 'Interactive', 'Interactive'],
  [
    'ON_ERROR_ROLLBACK',
    'x',
    'off',
    'unrecognized value "x" for "ON_ERROR_ROLLBACK"\nAvailable values are: on, off, interactive.',
  ],
  ['ECHO_HIDDEN', '', 'on'],
  ['ECHO', 'ALL', 'ALL'],
  ['ECHO', undefined, 'none'],
  ['ECHO', '', 'none', 'unrecognized value "" for "ECHO"\nAvailable values are: none, errors, queries, all.'],
  ['VERBOSITY', undefined, 'default'],
  ['SHOW_CONTEXT', undefined, 'errors'],
  ['FETCH_COUNT', 'x', '0', 'invalid value "x" for "FETCH_COUNT": integer expected'],
  ['HISTSIZE', undefined, '500'],
  ['IGNOREEOF', 'x', '10'],
  ['PROMPT1', undefined, undefined],
  ['a-b', 'x', undefined, 'invalid variable name: "a-b"'],
  ['a-b', undefined, undefined],
];
for (const [name, value, held, fault] of assignments)
  test(`variables: ${name} set to ${value} ${fault === undefined ? `holds ${held}` : 'is refused'}`, () => {
    const store = new VariableStore();
    assert.equal(store.set(name, value), fault);
    assert.equal(store.get(name), held);
  });

test('variables: typed readings of what they hold', () => {
  const store = new VariableStore();
  store.set('ON_ERROR_STOP', 'y');
  store.set('ECHO', 'QUERIES');
  store.set('ON_ERROR_ROLLBACK', 'true');
  store.set('FETCH_COUNT', '0x10');
  assert.equal(store.flag('ON_ERROR_STOP'), true);
  assert.equal(store.choice('ECHO'), 'queries');
  assert.equal(store.choice('ON_ERROR_ROLLBACK'), 'on');
  assert.equal(store.choice('ECHO_HIDDEN'), 'off');
  assert.equal(store.number('FETCH_COUNT'), 16);
  assert.equal(store.isControl('ECHO'), true);
  assert.equal(store.isControl('DBNAME'), false);
});

test('variables: the list is in the order of bytes', () => {
  const store = new VariableStore();
  for (const name of ['b', 'a', 'B', 'é', '_']) store.set(name, `=${name}`);
  const listed = store.list().split('\n');
  assert.deepEqual(listed.slice(0, 2), ["AUTOCOMMIT = 'on'", "B = '=B'"]);
  assert.deepEqual(listed.slice(-5), ["_ = '=_'", "a = '=a'", "b = '=b'", "é = '=é'", '']);
});
