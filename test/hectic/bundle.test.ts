import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type pg from 'pg';
import type { UserError } from '../../src/errors.js';
import { applyBundle, bundleStatus } from '../../src/hectic/apply.js';
import { bundleFileNames, bundleFiles, bundlePath, bundleVersion } from '../../src/hectic/bundle.js';
import { startServer } from './server.js';

const server = await startServer();
const run = promisify(execFile);

/** Everything that an apply could replace, with identities that a drop and create would change. */
async function catalogOf(client: pg.Client): Promise<unknown> {
  const { rows } = await client.query(`
    SELECT 'relation' AS kind, oid::regclass::text AS name, oid, relowner AS owner, relacl::text AS acl
    FROM pg_class WHERE relnamespace = 'hectic'::regnamespace
    UNION ALL SELECT 'function', oid::regprocedure::text, oid, proowner, proacl::text
    FROM pg_proc WHERE pronamespace = 'hectic'::regnamespace
    UNION ALL SELECT 'trigger', tgname, oid, tgfoid, tgrelid::text FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'event trigger', evtname, oid, evtfoid, evttags::text FROM pg_event_trigger
    UNION ALL SELECT 'type', typname, oid, typowner, typacl::text FROM pg_type WHERE typnamespace = 'hectic'::regnamespace
    ORDER BY 1, 2, 5`);
  return rows;
}

test('the files are exported in the order in which they are applied', async () => {
  assert.deepEqual(
    bundleFiles().map(({ name }) => name),
    ['version', 'secret', 'migration', 'inheritance'],
  );
  for (const { name, path, sql } of bundleFiles()) {
    assert.ok(path.endsWith(`/sql/hectic/${name}.sql`));
    assert.equal(await readFile(path, 'utf8'), sql);
  }
});

test('the bundle is installed once and renewed without replacing anything', () =>
  server.withDatabase(
    async ({ client }) => {
      assert.equal(await bundleStatus(client), undefined);
      assert.equal(await applyBundle(client), 'installed');
      assert.equal(await bundleStatus(client), bundleVersion);
      await client.query(`
        CREATE TABLE t (id int) INHERITS (hectic.created_at, hectic.updated_at, hectic.immutable);
        CREATE VIEW v AS SELECT hectic.get_secret('A') AS a, (SELECT count(*) FROM hectic.secret) AS n;
        CREATE ROLE app; GRANT EXECUTE ON FUNCTION hectic.get_secret(text) TO app`);
      const before = await catalogOf(client);
      assert.equal(await applyBundle(client), 'renewed');
      assert.deepEqual(await catalogOf(client), before);
      const { rows } = await client.query('SELECT name, version FROM hectic.version');
      assert.deepEqual(rows, [{ name: 'hectic', version: bundleVersion }]);
    },
    { empty: true },
  ));

test('several can apply it at once', () =>
  server.withDatabase(
    async ({ connect }) => {
      const clients = await Promise.all(Array.from({ length: 6 }, () => connect()));
      const outcomes = await Promise.all(clients.map((client) => applyBundle(client)));
      assert.equal(outcomes.length, 6);
    },
    { empty: true },
  ));

test('another version stops before anything changes and says how to go on', () =>
  server.withDatabase(async ({ client }) => {
    await client.query(
      "UPDATE hectic.version SET version = '9.9.9'; DROP EVENT TRIGGER hectic_attach_updated_at_trigger",
    );
    const before = await catalogOf(client);
    await assert.rejects(applyBundle(client), (error: UserError) => {
      assert.match(
        error.message,
        /^hectic bundle, version\.sql: database .* carries version 9\.9\.9 .* is version 0\.1\.0$/,
      );
      assert.match(error.hint ?? '', /Nothing was changed.*UPDATE hectic\.version SET version = '0\.1\.0'/);
      return true;
    });
    assert.deepEqual(await catalogOf(client), before);
    await client.query("UPDATE hectic.version SET version = '0.1.0'");
    await applyBundle(client);
  }));

/** What a role that may create schemas could prepare for the superuser who applies the bundle. */
const traps: readonly (readonly [string, RegExp])[] = [
  ['CREATE SCHEMA hectic', /schema hectic \(owner mallory\)/],
  [
    `CREATE SCHEMA hectic; CREATE FUNCTION hectic.get_secret(text) RETURNS text LANGUAGE sql RETURN 'x'`,
    /function hectic\.get_secret \(owner mallory\), schema/,
  ],
  [
    `CREATE SCHEMA hectic; CREATE TABLE hectic.secret (name text, ciphertext bytea);
     GRANT ALL ON SCHEMA hectic TO pg_database_owner; ALTER TABLE hectic.secret OWNER TO pg_database_owner;
     ALTER SCHEMA hectic OWNER TO pg_database_owner`,
    /relation hectic\.secret \(owner pg_database_owner\), schema hectic \(owner pg_database_owner\)/,
  ],
];

test('what somebody else put into the schema is not trusted', async (t) => {
  await server.withDatabase(({ client }) => client.query('CREATE ROLE mallory LOGIN').then(() => {}));
  for (const [trap, refusal] of traps) {
    await t.test(trap, () =>
      server.withDatabase(
        async ({ name, client, connect }) => {
          await client.query(`ALTER DATABASE "${name}" OWNER TO mallory`);
          await (await connect({ user: 'mallory' })).query(trap);
          await assert.rejects(applyBundle(client), refusal);
        },
        { empty: true },
      ),
    );
  }
});

test('a role that is no superuser keeps what is installed, and cannot install', () =>
  server.withDatabase(async ({ name, client, connect }) => {
    await client.query(`CREATE ROLE deployer LOGIN; ALTER DATABASE "${name}" OWNER TO deployer`);
    const deployer = await connect({ user: 'deployer' });
    assert.equal(await applyBundle(deployer), 'kept');
    await deployer.query("INSERT INTO hectic.migration (name, hash) VALUES ('20260101000000-a', repeat('0', 64))");
    await client.query('DROP SCHEMA hectic CASCADE');
    await assert.rejects(applyBundle(deployer), /^UserError: hectic bundle, \w+\.sql: /);
  }));

const names: readonly (readonly [string, boolean])[] = [
  ['20260101000000-a', true],
  ['20260101000000-Ünïcode name', true],
  ["20260101000000-it's", true],
  ['2026010100000-a', false],
  ['202601010000000-a', false],
  ['20260101000000-', false],
  ['20260101000000a', false],
  ['20260101000000-a/b', false],
  ['20260101000000-a\nb', false],
];

test('the history takes names of 14 digits, a dash and a name, each once, and equal hashes', async (t) => {
  await server.withDatabase(async ({ client }) => {
    const insert = (name: string, hash = 'a'.repeat(64)) =>
      client.query('INSERT INTO hectic.migration (name, hash) VALUES ($1, $2)', [name, hash]);
    for (const [name, good] of names) {
      await t.test(`${JSON.stringify(name)} is ${good ? 'taken' : 'refused'}`, async () => {
        if (good) await insert(name);
        else await assert.rejects(insert(name), /hectic\.migration_name|migration_name_check/);
      });
    }
    await assert.rejects(insert('20260101000000-a', 'b'.repeat(64)), /migration_name_key/);
    for (const hash of ['', 'A'.repeat(64), 'a'.repeat(63), 'g'.repeat(64)]) {
      await assert.rejects(insert('20260102000000-b', hash), /sha256/);
    }
  });
});

test('a history that an older tool made loses the uniqueness of its hashes and nothing else', () =>
  server.withDatabase(
    async ({ client }) => {
      await client.query(`
        CREATE SCHEMA hectic;
        CREATE TABLE hectic.migration (id serial PRIMARY KEY, name text UNIQUE NOT NULL, hash text UNIQUE NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT now(), UNIQUE (name, hash));
        INSERT INTO hectic.migration (name, hash) VALUES ('20200101000000-a', 'x')`);
      await applyBundle(client);
      await client.query("INSERT INTO hectic.migration (name, hash) VALUES ('20200101000001-b', 'x')");
      await assert.rejects(
        client.query("INSERT INTO hectic.migration (name, hash) VALUES ('20200101000001-b', 'y')"),
        /unique/,
      );
    },
    { empty: true },
  ));

test('secrets in clear text from an older tool are not touched, and the way on is named', () =>
  server.withDatabase(
    async ({ client }) => {
      await client.query(`CREATE SCHEMA hectic; CREATE TABLE hectic.secret (key text PRIMARY KEY, value text);
                          INSERT INTO hectic.secret VALUES ('A', '1')`);
      await assert.rejects(applyBundle(client), { name: 'UserError', hint: /DROP TABLE hectic\.secret/ });
      assert.equal((await client.query('SELECT * FROM hectic.secret')).rowCount, 1);
    },
    { empty: true },
  ));

const psql = await run('psql', ['--version']).then(
  () => true,
  () => false,
);

for (const files of [bundleFileNames, bundleFileNames.slice(1)]) {
  test(`psql runs ${files.join(', ')} one after the other, twice`, { skip: !psql && 'psql is not installed' }, () =>
    server.withDatabase(
      async ({ name, client }) => {
        const args = [
          '-X',
          '-h',
          server.host,
          '-p',
          `${server.port}`,
          '-U',
          server.user,
          '-d',
          name,
          '-v',
          'ON_ERROR_STOP=1',
        ];
        const commands = [...files, ...files].flatMap((file) => ['-c', `\\i ${psqlArgument(bundlePath(file))}`]);
        const { stderr } = await run('psql', [...args, ...commands]);
        assert.doesNotMatch(stderr, /ERROR|WARNING/);
        await assert.rejects(client.query('CREATE TABLE t (id int)'), /does not inherit/);
        await run('psql', [...args, '-1', ...bundleFileNames.flatMap((file) => ['-f', bundlePath(file)])]);
        assert.equal(await bundleStatus(client), bundleVersion);
      },
      { empty: true },
    ),
  );
}

/** In single quotes psql takes what follows a backslash as it is. */
function psqlArgument(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
