import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { InvalidFile } from '../../document/faults.js';
import { parseSpec, readSpec, selectServices } from './read.js';
import type { ProvisionSpec, ServiceSpec } from './types.js';

const homelab = new URL('../../../../examples/homelab/services.yaml', import.meta.url);

test('a service of which only the name is said gets what the seed gives', () => {
  assert.deepEqual(service('services: [gitea]'), {
    name: 'gitea',
    line: 2,
    database: {
      name: 'gitea',
      owner: undefined,
      creation: {
        template: undefined,
        encoding: undefined,
        localeProvider: undefined,
        locale: undefined,
        collate: undefined,
        ctype: undefined,
        icuLocale: undefined,
        builtinLocale: undefined,
      },
      connectionLimit: undefined,
      settings: new Map(),
      publicConnect: 'keep',
      schemas: [],
      extensions: [],
    },
    user: {
      name: 'gitea',
      password: { kind: 'vault', mount: 'secret', path: 'postgres/gitea', key: 'password', generate: false },
      passwordPolicy: 'sync',
      connectionLimit: undefined,
      validUntil: undefined,
      settings: new Map(),
      memberOf: [],
    },
    settingsInDatabase: new Map(),
    grants: [
      { on: 'database', privileges: ['ALL'] },
      { on: 'schema', schema: 'public', privileges: ['ALL'] },
    ],
    defaultPrivileges: [],
    sql: [],
    isolation: false,
  });
});

test('a list of names, null and an empty mapping say the same', () => {
  const [list, nulls, mappings] = ['[a, b]', '{ a: , b: null }', '{ a: {}, b: {} }'].map((services) =>
    parse(`services: ${services}`).services.map((each) => ({ ...each, line: 0 })),
  );
  assert.deepEqual(list, nulls);
  assert.deepEqual(list, mappings);
});

test("the seed's seven services are the example", () => {
  const { services, server } = parseSpec('services.yaml', readFileSync(homelab, 'utf8'), { POSTGRES_HOST: 'db.lan' });
  const names = ['authelia', 'freshrss', 'gitea', 'grafana', 'speedtest', 'uptimekuma', 'vaultwarden'];
  assert.deepEqual(
    services.map(({ name, database, user, password = user.password }: ServiceSpec & { password?: unknown }) => ({
      name,
      database: database.name,
      user: user.name,
      password,
    })),
    names.map((name) => ({
      name,
      database: name,
      user: name,
      password: { kind: 'vault', mount: 'secret', path: `postgres/${name}`, key: 'password', generate: false },
    })),
  );
  assert.deepEqual(server.connection, { host: 'db.lan', port: '5432', user: 'postgres' });
});

/** Part of a service's entry, and what it comes to. */
const entries: readonly (readonly [entry: string, read: (service: ServiceSpec) => unknown, expected: unknown])[] = [
  ['owner: service', ({ database }) => database.owner, 'a'],
  ['owner: service, user: u', ({ database }) => database.owner, 'u'],
  ['owner: { role: dba }', ({ database }) => database.owner, 'dba'],
  ['user: "svc_{name}"', ({ user }) => user.name, 'svc_a'],
  ['password: { env: "{name}_PW" }', ({ user }) => user.password, { kind: 'env', name: 'a_PW' }],
  ['password: { file: "pw/{name}" }', ({ user }) => user.password, { kind: 'file', path: '/etc/slipway/pw/a' }],
  [
    'password: { exec: [pass, show, "db/{name}"] }',
    ({ user }) => user.password,
    { kind: 'exec', program: 'pass', args: ['show', 'db/a'], directory: '/etc/slipway' },
  ],
  [
    'password: { vault: "/x/{name}/", key: pw, mount: kv/team }, generate: true',
    ({ user }) => user.password,
    { kind: 'vault', mount: 'kv/team', path: 'x/a', key: 'pw', generate: true },
  ],
  ['connectionLimit: "20"', ({ user }) => user.connectionLimit, 20],
  ['connectionLimit: -1', ({ user }) => user.connectionLimit, -1],
  ['validUntil: 2027-01-31', ({ user }) => user.validUntil, '2027-01-31'],
  [
    'settings: { statement_timeout: 30s, jit: false, work_mem: 64, app.tags: [x, y] }',
    ({ user }) => [...user.settings],
    [
      ['statement_timeout', '30s'],
      ['jit', 'off'],
      ['work_mem', '64'],
      ['app.tags', 'x, y'],
    ],
  ],
  [
    `settings: { search_path: '"$user", app , "odd, ""one"""' }`,
    ({ user }) => user.settings.get('search_path'),
    ['$user', 'app', 'odd, "one"'],
  ],
  ['settingsInDatabase: { search_path: [a, b] }', (each) => each.settingsInDatabase.get('search_path'), ['a', 'b']],
  [
    'database: { locale: C, connectionLimit: 5 }',
    ({ database }) => [database.name, database.creation.locale],
    ['a', 'C'],
  ],
  ['schemas: [x, "{name}"]', ({ database }) => database.schemas.map(({ name }) => name), ['x', 'a']],
  ['schemas: { x: { owner: service } }', ({ database }) => database.schemas, [{ name: 'x', owner: 'a' }]],
  [
    'extensions: { postgis: { schema: gis }, pg_trgm: }',
    ({ database }) => database.extensions,
    [
      { name: 'postgis', schema: 'gis', version: undefined },
      { name: 'pg_trgm', schema: undefined, version: undefined },
    ],
  ],
  [
    'grants: { tables: { public: [SELECT, SELECT] }, database: [TEMP, CONNECT], functions: { "{name}": [EXECUTE, ALL] } }',
    ({ grants }) => grants,
    [
      { on: 'database', privileges: ['TEMPORARY', 'CONNECT'] },
      { on: 'tables', schema: 'public', privileges: ['SELECT'] },
      { on: 'functions', schema: 'a', privileges: ['ALL'] },
    ],
  ],
  [
    'defaultPrivileges: [{ forRole: m, inSchemas: [x, y], tables: [SELECT] }, { forRole: n, types: [USAGE] }]',
    ({ defaultPrivileges }) => defaultPrivileges,
    [
      { forRole: 'm', schema: 'x', kind: 'tables', privileges: ['SELECT'] },
      { forRole: 'm', schema: 'y', kind: 'tables', privileges: ['SELECT'] },
      { forRole: 'n', schema: undefined, kind: 'types', privileges: ['USAGE'] },
    ],
  ],
  [
    'sql: [one.sql, { file: ../two.sql, run: changed, as: service }]',
    ({ sql }) => sql,
    [
      { path: '/etc/slipway/one.sql', name: 'one.sql', run: 'once', as: 'admin' },
      { path: '/etc/two.sql', name: '../two.sql', run: 'changed', as: 'service' },
    ],
  ],
];

for (const [entry, read, expected] of entries) {
  test(`{ ${entry} } is understood`, () => assert.deepEqual(read(service(`services: { a: { ${entry} } }`)), expected));
}

test('the example for compose is understood', () => {
  const file = new URL('../../../../deploy/docker/services.yaml', import.meta.url);
  const { services } = parseSpec('/etc/slipway/services.yaml', readFileSync(file, 'utf8'), {});
  assert.deepEqual(services[0]?.user.password, { kind: 'file', path: '/run/secrets/gitea' });
});

test("a service's key replaces the default, but a database only what it says of it", () => {
  const { services } = parse(`
defaults: { database: { name: "db_{name}", locale: C }, grants: { database: [CONNECT] }, memberOf: [staff] }
services:
  a: { database: { encoding: UTF8 }, grants: { schemas: { public: [USAGE] } } }
  b: { database: db_a }`);
  const [a, b] = services;
  assert.deepEqual(
    [a?.database.name, a?.database.creation.locale, a?.database.creation.encoding],
    ['db_a', 'C', 'UTF8'],
  );
  assert.deepEqual(a?.grants, [{ on: 'schema', schema: 'public', privileges: ['USAGE'] }]);
  assert.deepEqual(b?.grants, [{ on: 'database', privileges: ['CONNECT'] }]);
  assert.deepEqual(b?.user.memberOf, ['staff']);
});

test('services that share a database or a user hold one object with the wishes of all', () => {
  const { services } = parse(`
services:
  gitea: { owner: service, extensions: [pg_trgm], schemas: [x] }
  reports: { database: gitea, publicConnect: revoke, extensions: { pg_trgm: { version: "1.6" } }, memberOf: [a] }
  archive: { user: reports, password: { vault: postgres/reports }, memberOf: [b], connectionLimit: 3 }`);
  const [gitea, reports, archive] = services;
  assert.equal(gitea?.database, reports?.database);
  assert.equal(reports?.user, archive?.user);
  const { owner, publicConnect, extensions, schemas } = gitea?.database ?? {};
  assert.deepEqual([owner, publicConnect], ['gitea', 'revoke']);
  assert.deepEqual(extensions, [{ name: 'pg_trgm', schema: undefined, version: '1.6' }]);
  assert.deepEqual(schemas, [{ name: 'x', owner: undefined }]);
  assert.deepEqual([archive?.user.memberOf, archive?.user.connectionLimit], [['a', 'b'], 3]);
});

test('variables come from the environment, once, and a doubled dollar sign is one', () => {
  const env = { HOST: 'h$' + '{HOST}', EMPTY: '', PGDATABASE: 'admin', PGUSER: 'root' };
  const text = 'version: 1\nserver: { host: "$' + '{HOST}$' + '{EMPTY}-$$' + '{HOST}" }\nservices: [a]';
  const { server } = parseSpec('services.yaml', text, env);
  assert.equal(server.connection.host, 'h$' + '{HOST}-$' + '{HOST}');
  assert.equal(server.maintenanceDatabase, 'admin');
});

test('every name is either kept to the letter or refused', () => {
  const names = fc.oneof(fc.string({ unit: 'binary', maxLength: 70 }), fc.string({ unit: 'grapheme', maxLength: 30 }));
  fc.assert(
    fc.property(names, (name) => {
      const text = stringify({ version: 1, services: { [name]: null } });
      let spec: ProvisionSpec;
      try {
        spec = parseSpec('services.yaml', text, {});
      } catch (error) {
        return error instanceof InvalidFile && error.faults.length > 0;
      }
      const [only] = spec.services;
      return only?.name === name && only.database.name === name && Buffer.byteLength(name) <= 63;
    }),
    { numRuns: 100 },
  );
});

test("names that are JavaScript's own are names like others", () => {
  const names = ['__proto__', 'constructor', 'toString'];
  assert.deepEqual(
    parse(`services: { ${names.join(': , ')}: }`).services.map(({ name, user }) => [name, user.name]),
    names.map((name) => [name, name]),
  );
});

test('services are chosen by name, and an unknown one is refused with the nearest', () => {
  const spec = parse('services: [authelia, gitea]');
  assert.deepEqual(selectServices(spec, ['gitea']), [spec.services[1]]);
  assert.deepEqual(selectServices(spec, []), spec.services);
  assert.throws(() => selectServices(spec, ['giteaa']), /no service "giteaa" in .*; did you mean 'gitea'\?/);
});

test('a file that is not there is refused with what to do', async () => {
  await assert.rejects(readSpec('/nonexistent/services.yaml', {}), /^UserError: no services file: \/nonexistent/);
});

function parse(text: string): ProvisionSpec {
  return parseSpec('/etc/slipway/services.yaml', `version: 1\n${text}`, {});
}

function service(text: string): ServiceSpec {
  const [only] = parse(text).services;
  return only ?? assert.fail('no service');
}
