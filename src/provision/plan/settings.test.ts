import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SettingValue } from '../spec/types.js';
import { settingSteps } from './settings.js';
import { isSameTime } from './users.js';

const cases: readonly (readonly [name: string, wanted: SettingValue, stored: string | undefined, isSet: boolean])[] = [
  ['work_mem', '8MB', '8MB', true],
  ['work_mem', '8MB', '8192kB', false],
  ['work_mem', '8MB', undefined, false],
  ['timezone', 'UTC', 'UTC', true],
  ['search_path', ['$user', 'public'], '"$user", public', true],
  ['search_path', ['a"b', 'user', 'x, y'], '"a""b", "user", "x, y"', true],
  ['search_path', [], '""', true],
  ['search_path', ['a', 'b'], 'b, a', false],
];

for (const [name, wanted, stored, isSet] of cases) {
  test(`${name}: ${JSON.stringify(wanted)} is ${isSet ? '' : 'not '}what ${stored} says`, () => {
    const found = stored === undefined ? undefined : new Map([[name, stored]]);
    assert.equal(settingSteps(new Map([[name, wanted]]), found, 'user x', 'ALTER ROLE "x"').length, isSet ? 0 : 1);
  });
}

test('the server may spell the name of a setting its own way', () =>
  assert.deepEqual(
    settingSteps(new Map([['timezone', 'UTC']]), new Map([['TimeZone', 'UTC']]), 'x', 'ALTER ROLE "x"'),
    [],
  ));

test('a value is a literal, a list of names one literal each, and the parts of a name identifiers', () => {
  const [one, two] = settingSteps(
    new Map<string, SettingValue>([
      ['my.setting', "it's"],
      ['search_path', ['$user', "a'b"]],
    ]),
    undefined,
    'user x',
    'ALTER ROLE "x"',
  );
  assert.equal(one?.sql, `ALTER ROLE "x" SET "my"."setting" = 'it''s'`);
  assert.equal(two?.sql, `ALTER ROLE "x" SET "search_path" = '$user', 'a''b'`);
});

for (const [wanted, stored, isSame] of [
  ['2031-01-31', '2031-01-31 00:00:00+00', true],
  ['2031-01-31T12:00:00Z', '2031-01-31 12:00:00+00', true],
  ['2031-01-31 12:00+02', '2031-01-31 10:00:00+00', true],
  ['2031-01-31 12:00:00.5+05:30', '2031-01-31 06:30:00.5+00', true],
  ['infinity', 'infinity', true],
  ['2031-01-31', 'infinity', false],
  ['2031-01-31', '2031-02-01 00:00:00+00', false],
] as const) {
  test(`${wanted} is ${isSame ? '' : 'not '}${stored}`, () => assert.equal(isSameTime(wanted, stored), isSame));
}
