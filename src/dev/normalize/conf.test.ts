import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localConf, parseConf } from './conf.js';

const lines: readonly [line: string, settings: Record<string, string>][] = [
  ["timezone = 'Europe/Berlin'", { timezone: 'Europe/Berlin' }],
  ['max_connections 200 # many', { max_connections: '200' }],
  ['Max_Connections=200', { max_connections: '200' }],
  ["a.b = 'it''s \\'x\\' \\\\'", { 'a.b': "it's 'x' \\" }],
  ['# max_connections = 3', {}],
  ["include_dir 'conf.d'", { include_dir: 'conf.d' }],
  ['a = 1\na = 2', { a: '2' }],
  ['', {}],
  ['= 3', {}],
];

for (const [text, settings] of lines) {
  test(`the configuration ${JSON.stringify(text)} says ${JSON.stringify(settings)}`, () =>
    assert.deepEqual(Object.fromEntries(parseConf(text)), settings));
}

test('only what the data depends on is carried over, and ALTER SYSTEM wins', () => {
  const main =
    "timezone = 'UTC'\narchive_command = 'scp %p far:'\ndata_directory = '/var/lib/x'\nmax_connections = 300\n";
  const auto = "timezone = 'Asia/Tokyo'\nprimary_conninfo = 'password=hunter2'\n";
  const { text } = localConf(main, auto);
  assert.match(text, /^timezone = 'Asia\/Tokyo'$/m);
  assert.match(text, /^max_connections = '300'$/m);
  assert.doesNotMatch(text, /archive_command|data_directory|primary_conninfo|hunter2/);
});

test('the libraries that are preloaded are told', () => {
  const conf = 'shared_preload_libraries = \'pg_stat_statements, "timescaledb",\'';
  assert.deepEqual(localConf(conf, '').preload, ['pg_stat_statements', 'timescaledb']);
  assert.deepEqual(localConf('', '').preload, []);
});
