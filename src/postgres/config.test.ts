import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { resolveConnection } from './config.js';
import { findPassword } from './passfile.js';
import { parseService } from './service.js';

const home = mkdtempSync(join(tmpdir(), 'slipway-config-'));
after(() => rmSync(home, { recursive: true }));

function write(name: string, text: string, mode = 0o600): string {
  const path = join(home, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test('what is given wins over the service, the service over the environment', () => {
  const file = write(
    'service.conf',
    '# mine\n[other]\nhost=o\n[mine]\nhost=service-host\nport=6000\ndbname=service-db\n',
  );
  const env = { HOME: home, PGSERVICEFILE: file, PGHOST: 'env-host', PGUSER: 'env-user', PGPORT: '7000' };
  const { hosts, user, database } = resolveConnection('service=mine dbname=given', env);
  assert.deepEqual(
    { host: hosts[0]?.host, port: hosts[0]?.port, user, database },
    { host: 'service-host', port: 6000, user: 'env-user', database: 'given' },
  );
});

test('the database is named like the user unless something else is said', () => {
  assert.equal(resolveConnection('user=somebody host=h', { HOME: home }).database, 'somebody');
});

test('several hosts take their ports one by one or share a single one', () => {
  const places = (text: string) =>
    resolveConnection(text, { HOME: home }).hosts.map(({ host, port }) => `${host}:${port}`);
  assert.deepEqual(places('host=a,b port=1,2'), ['a:1', 'b:2']);
  assert.deepEqual(places('host=a,b port=7'), ['a:7', 'b:7']);
  assert.deepEqual(places('postgres://a:1,b/d'), ['a:1', 'b:5432']);
});

test('a password file is searched by host, port, database and user', () => {
  const file = write('pass', '# comment\n*:*:other:*:no\nh:5432:d:u:a\\:b\\\\c\nlocalhost:*:*:u:local\n');
  const password = (text: string) =>
    resolveConnection(`${text} passfile='${file.replaceAll(/['\\]/g, '\\$&')}'`, { HOME: home }).hosts[0]?.password;
  assert.equal(password('host=h user=u dbname=d'), 'a:b\\c');
  assert.equal(password('host=/tmp user=u dbname=d'), 'local');
  assert.equal(password('host=x user=v dbname=d'), undefined);
  assert.equal(password('host=h user=u dbname=d password=given'), 'given');
});

test('a password file that others can read is passed over with a warning', () => {
  const file = write('open', '*:*:*:*:secret\n', 0o644);
  const { hosts, warnings } = resolveConnection({ host: 'h', passfile: file }, { HOME: home });
  assert.equal(hosts[0]?.password, undefined);
  assert.match(warnings.join(), /group or world access/);
});

test('the last field of a password file may hold colons', () => {
  assert.equal(findPassword('h:1:d:u:a:b', { host: 'h', port: 1, database: 'd', user: 'u' }), 'a:b');
});

test('a service group ends where the next one starts', () => {
  assert.deepEqual(parseService('[a]\nhost=1\n[b]\nhost=2\n', 'b', 'f'), { host: '2' });
  assert.equal(parseService('[a]\nhost=1\n', 'c', 'f'), undefined);
  assert.throws(() => parseService('[a]\nnonsense', 'a', 'f'), /syntax error in service file "f", line 2/);
});

for (const [text, message] of [
  ['service=missing', /definition of service "missing" not found/],
  ['port=99999', /invalid port number: "99999"/],
  ['host=a,b port=1,2,3', /could not match 3 port numbers to 2 hosts/],
  ['sslmode=maybe', /invalid sslmode value: "maybe"/],
  ['connect_timeout=soon', /invalid integer value "soon" for connection option "connect_timeout"/],
  ['require_auth=scram-sha-256', /connection option "require_auth" is not supported/],
] as const) {
  test(`${text} is refused`, () => assert.throws(() => resolveConnection(text, { HOME: home }), message));
}
