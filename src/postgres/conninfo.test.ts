import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../errors.js';
import { parseConninfo } from './conninfo.js';
import type { Conninfo } from './keywords.js';

/** The first rows are the examples of libpq's documentation. */
const accepted: readonly [text: string, meaning: Conninfo][] = [
  ['postgresql://', {}],
  ['postgresql://localhost', { host: 'localhost' }],
  ['postgresql://localhost:5433', { host: 'localhost', port: '5433' }],
  ['postgresql://localhost/mydb', { host: 'localhost', dbname: 'mydb' }],
  ['postgresql://user@localhost', { user: 'user', host: 'localhost' }],
  ['postgresql://user:secret@localhost', { user: 'user', password: 'secret', host: 'localhost' }],
  [
    'postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp',
    { user: 'other', host: 'localhost', dbname: 'otherdb', connect_timeout: '10', application_name: 'myapp' },
  ],
  [
    'postgresql://host1:123,host2:456/somedb?target_session_attrs=any',
    { host: 'host1,host2', port: '123,456', dbname: 'somedb', target_session_attrs: 'any' },
  ],
  ['postgresql:///mydb?host=localhost&port=5433', { dbname: 'mydb', host: 'localhost', port: '5433' }],
  ['postgresql://[2001:db8::1234]:77/database', { host: '2001:db8::1234', port: '77', dbname: 'database' }],
  ['postgresql:///dbname?host=/var/lib/postgresql', { dbname: 'dbname', host: '/var/lib/postgresql' }],
  ['postgresql://%2Fvar%2Flib%2Fpostgresql/dbname', { host: '/var/lib/postgresql', dbname: 'dbname' }],
  ['postgres://u:p:w?x#y@h', { user: 'u', password: 'p:w?x#y', host: 'h' }],
  ['postgres://h?ssl=true', { host: 'h', sslmode: 'require' }],
  ['', {}],
  ['host=localhost port = 5432  dbname=mydb', { host: 'localhost', port: '5432', dbname: 'mydb' }],
  [`password='it\\'s a \\\\ secret' user=a\\ b`, { password: "it's a \\ secret", user: 'a b' }],
  [`options='' user=x`, { options: '', user: 'x' }],
];

const refused: readonly [text: string, message: string][] = [
  ['host', 'missing "=" after "host" in connection info string'],
  ['nonsense=1', 'invalid connection option "nonsense"'],
  ["password='secret", 'unterminated quoted string in connection info string'],
  ['postgres://u:%zz@h', 'invalid percent-encoded token in connection URI'],
  ['postgres://h?nonsense=1', 'invalid URI query parameter: "nonsense"'],
  ['postgres://[::1', 'invalid host in connection URI'],
];

test('connection strings mean what they mean to libpq', async (t) => {
  for (const [text, meaning] of accepted) {
    await t.test(JSON.stringify(text), () => assert.deepEqual(parseConninfo(text), meaning));
  }
});

test('a faulty connection string is refused without its values', async (t) => {
  for (const [text, message] of refused) {
    await t.test(text, () => {
      assert.throws(
        () => parseConninfo(text),
        (error) => error instanceof UserError && error.message === message,
      );
    });
  }
});
