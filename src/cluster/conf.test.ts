import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confText, directoryList, freshConf, isConfOf, isDevelopmentConf, runtimeConf, withInclude } from './conf.js';

test('values are quoted as the server reads them', () => {
  assert.equal(confText({ a: "it's", b: 'c\\d', e: '' }), "a = 'it''s'\nb = 'c\\\\d'\ne = ''\n");
});

test('directories with commas, blanks and quotes stay one each', () => {
  assert.equal(directoryList(['/a,b', '/c "d"']), '"/a,b", "/c ""d"""');
});

test('the include is the last line, once', () => {
  const once = withInclude("port = 1\n# the user's last words");
  assert.match(once, /last words\ninclude_if_exists = 'slipway\.conf' # .*\n$/);
  assert.equal(withInclude(`${once}port = 2\n`).match(/include_if_exists/g)?.length, 1);
  assert.match(withInclude(`${once}port = 2\n`), /port = 2\ninclude_if_exists/);
});

test("a user's file is taken as it is; ours comes after what initdb wrote", () => {
  assert.equal(freshConf('initdb', 'users'), 'users');
  assert.match(freshConf('port = 1\n', undefined), /^port = 1\n\n# Written by slipway[\s\S]*fsync = 'off'/);
  assert.deepEqual([freshConf('', undefined), 'users'].map(isDevelopmentConf), [true, false]);
});

test('a cluster is ours by our marks, or by sockets in our directory', () => {
  assert.equal(isConfOf(withInclude(''), '/w'), true);
  assert.equal(isConfOf("unix_socket_directories = '/w/sock'", '/w'), true);
  assert.equal(isConfOf("unix_socket_directories = '/var/run/postgresql'", '/w'), false);
});

test('with a PG_CONF_FILE only port, sockets and the scheduler are ours', () => {
  const conf = runtimeConf({ port: 1, socketDirectories: ['/s'], database: 'd', own: undefined });
  assert.deepEqual(Object.keys(conf), ['port', 'unix_socket_directories', 'cron.database_name', 'cron.host']);
});
