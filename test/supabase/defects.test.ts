import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withClient } from '../../src/postgres/client.js';
import type { Conninfo } from '../../src/postgres/keywords.js';
import { supabaseFileNames, supabasePath } from '../../src/supabase/files.js';
import { makeCertificates, withoutOpenssl } from '../support/certificates.js';
import { root, run, start } from '../support/cli.js';
import { runProgram, withDirectory } from '../support/cluster.js';
import { psqlIsMissing } from '../support/psql.js';
import { withTlsServer } from '../support/tls.js';
import { absences, conninfoText, init, outcomes, type Server, withServer } from './server.js';

// The thirteen defects of the operator that Slipway replaces (STRRL's), by their numbers, as they would show here.

test('1: a failure is seen: a wrong password, an unreachable host; and a password of any characters works', async (t) => {
  await withServer(async (server) => {
    const password = `p@ss/w:rd%'"\\`;
    await server.sql(`CREATE ROLE admin SUPERUSER LOGIN PASSWORD '${password.replaceAll("'", "''")}'`);
    await requirePassword(server, 'admin');
    const url = (given: string) =>
      `postgresql://admin:${encodeURIComponent(given)}@/postgres?host=${server.cluster.host}`;
    for (const [what, target, message] of [
      ['wrong password', url('wrong'), /password authentication failed for user "admin"/],
      ['unreachable host', 'postgresql://admin@127.0.0.1:1/postgres', /Connection refused/],
    ] as const) {
      await t.test(what, async () => {
        const { status, stdout, stderr } = await run('slipway', ['supabase', 'init', target]);
        assert.deepEqual([status, stdout], [1, '']);
        assert.match(stderr, message);
      });
    }
    await t.test('password of any characters', async () => {
      const { status, stderr } = await run('slipway', ['supabase', 'init', url(password)], {
        POSTGRES_PASSWORD: password,
      });
      assert.equal(status, 0, stderr);
    });
  });
});

test('2, 5, 6, 7: user tables stay, pg_net may be absent, names may be anything', async (t) => {
  await withServer(async (server) => {
    const owner = 'x"; DROP TABLE public.schema_migrations; --';
    await server.makeDatabase('supabase');
    await server.sql(`CREATE ROLE "${owner.replaceAll('"', '""')}" SUPERUSER LOGIN`);
    await server.sql(userTables, 'supabase');
    const report = await init(
      server,
      { dbname: 'supabase', user: owner },
      { env: { POSTGRES_PASSWORD: 'x', POSTGRES_USER: owner } },
    );

    await t.test('2: nothing in public is touched', async () => {
      const rows = await server.sql('SELECT version, pg_typeof(version)::text FROM seen', 'supabase');
      assert.deepEqual(rows, [
        ['20240101', 'text'],
        ['20240102', 'text'],
      ]);
    });

    await t.test('5: without pg_net the rest is made, with one warning of it', async () => {
      assert.ok(Object.values(outcomes(report)).every((outcome) => outcome === 'applied new'));
      const warnings = report.files.flatMap((file) => file.warnings.map((warning) => `${file.file}: ${warning}`));
      assert.deepEqual(
        warnings.filter((warning) => warning.includes('pg_net')),
        [
          '04-webhooks.sql: extension pg_net is unavailable on this server: webhooks will not be sent ' +
            '(Install it, then: CREATE EXTENSION pg_net SCHEMA extensions;)',
        ],
      );
      assert.deepEqual(await server.sql("SELECT to_regclass('supabase_functions.hooks') IS NOT NULL", 'supabase'), [
        [true],
      ]);
    });

    await t.test('6: the settings are those of the database that was named', async () => {
      const rows = await server.sql(
        'SELECT datname, setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase',
      );
      assert.deepEqual(rows, [['supabase', ['app.settings.jwt_exp=3600']]]);
    });

    await t.test('7: an owner of any name owns what is made for it', async () => {
      assert.deepEqual(
        await server.sql("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '_supabase'"),
        [[owner]],
      );
      assert.deepEqual(
        await server.sql("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = '_supavisor'", '_supabase'),
        [[`"${owner.replaceAll('"', '""')}"`]],
      );
    });
  });
});

test('3, 9, 10, 11: runs repeat, upgrade, take turns and follow a new password', async (t) => {
  await withServer(async (server) => {
    const body = "SELECT prosrc ~ 'older' FROM pg_proc WHERE oid = 'supabase_functions.http_request()'::regprocedure";
    const older = (comment: string) => `
      CREATE OR REPLACE FUNCTION supabase_functions.http_request() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN /* older */ END';
      COMMENT ON FUNCTION supabase_functions.http_request() IS '${comment}';
      INSERT INTO supabase_slipway.migration (file, sha256, version, duration) VALUES ('04-webhooks.sql', repeat('0', 64), '0', '1s')`;
    await init(server, {});

    await t.test('3: a second run does nothing', async () => {
      const report = await init(server, {});
      assert.ok(report.files.every(({ status }) => status === 'skipped'));
      assert.deepEqual(await server.sql('SELECT count(*) FROM supabase_slipway.migration'), [['7']]);
    });

    await t.test('9: a newer 04 replaces the function that an older one made', async () => {
      await server.sql(older('Sends a row to the URL of its trigger (made by Slipway)'));
      assert.equal(outcomes(await init(server, {}))['04-webhooks.sql'], 'applied changed');
      assert.deepEqual(await server.sql(body), [[false]]);
    });

    await t.test("9: but not one of somebody else's", async () => {
      await server.sql(older('mine'));
      assert.equal(outcomes(await init(server, {}))['04-webhooks.sql'], 'applied changed');
      assert.deepEqual(await server.sql(body), [[true]]);
    });

    await t.test('10: two projects of one server can be initialised at once', async () => {
      await server.sql('DROP DATABASE _supabase');
      const names = ['one', 'two'];
      for (const name of names) await server.makeDatabase(name);
      const start1 = (dbname: string) =>
        start('slipway', ['supabase', 'init', conninfoText(server.connection({ dbname }))]).ended;
      assert.deepEqual(
        (await Promise.all(names.map(start1))).map(({ status }) => status),
        [0, 0],
      );
      for (const dbname of names) assert.deepEqual(await absences(server, { dbname }), []);
    });

    await t.test('11: after a new password the services get in with that one', async () => {
      await requirePassword(server, 'authenticator');
      const enter = (password: string) =>
        withClient(server.connection({ user: 'authenticator', password }), async () => 'in');
      assert.equal(await enter('secret'), 'in');
      await init(server, {}, { env: { POSTGRES_PASSWORD: 'rotated é' } });
      assert.equal(await enter('rotated é'), 'in');
      await assert.rejects(enter('secret'), /password authentication failed/);
    });
  });
});

test('4: what fails is reported with file, line and reason, by the command and its JSON', () =>
  withServer((server) =>
    withDirectory(async (directory) => {
      await writeFile(join(directory, 'broken.sql'), 'SELECT 1;\nSELECT * FROM nowhere;\n');
      const { status, stdout } = await server.slipway(['init', '--json', '--extra', directory]);
      assert.equal(status, 1);
      const report = JSON.parse(stdout);
      const { file, status: outcome, errors } = report.files.at(-1);
      assert.deepEqual([report.hasFailed, file, outcome], [true, 'broken.sql', 'failed']);
      assert.match(errors[0], /broken\.sql:2:15: relation "nowhere" does not exist \(SQLSTATE 42P01\)/);
    }),
  ));

test('8: no secret is in the log of a server that logs everything, nor in the database unless asked for', async (t) => {
  await withServer(async (server) => {
    const secrets = { POSTGRES_PASSWORD: 'clear-text-password', JWT_SECRET: 'clear-text-jwt-secret' };
    const settings = [
      "log_statement = 'all'",
      'log_min_duration_statement = 0',
      'log_parameter_max_length = -1',
      "log_error_verbosity = 'verbose'",
    ];
    for (const setting of settings) await server.sql(`ALTER SYSTEM SET ${setting}`);
    await server.sql('SELECT pg_reload_conf()');
    const logged = async () => (await logOf(server)).match(/clear-text-\w+/g);
    const stored = () =>
      server.sql("SELECT setconfig::text FROM pg_db_role_setting WHERE setconfig::text LIKE '%jwt_secret%'");

    await t.test('slipway', async () => {
      const { status, stdout, stderr } = await server.slipway(['init'], {}, secrets);
      assert.equal(status, 0, stderr);
      assert.doesNotMatch(stdout + stderr, /clear-text/);
      assert.deepEqual([await logged(), await stored()], [null, []]);
    });

    await t.test('slipway, asked for the setting', async () => {
      await init(server, {}, { env: secrets, flags: { jwtSecretInDatabase: true } });
      assert.equal(await logged(), null);
      assert.match(String((await stored())[0]), /clear-text-jwt-secret/);
      assert.deepEqual(await absences(server, {}, { env: secrets, flags: { jwtSecretInDatabase: true } }), []);
      await server.sql('ALTER DATABASE postgres RESET ALL');
    });

    await t.test('psql, asked for the setting, and when it fails', { skip: psqlIsMissing }, async () => {
      const psql = (user: string, ...files: string[]) =>
        runProgram(
          'psql',
          ['-X', ...files.flatMap((file) => ['-f', supabasePath(file)]), conninfoText(server.connection({ user }))],
          {
            env: { ...secrets, POSTGRES_PASSWORD: 'clear-text-rotated', JWT_SECRET_IN_DATABASE: 'on' },
          },
        );
      assert.equal((await psql(server.cluster.user, ...supabaseFileNames)).status, 0);
      assert.equal((await stored()).length, 1);
      await server.sql('ALTER DATABASE postgres RESET ALL; CREATE ROLE plain LOGIN');
      const failed = await psql('plain', '02-jwt.sql');
      assert.match(failed.stderr, /setting app.settings.jwt_secret of database postgres: must be owner/);
      assert.doesNotMatch(failed.stderr, /clear-text/);
      assert.equal(await logged(), null);
    });
  });
});

test(
  '12: every connection is encrypted, verified and authenticated by certificate when asked for',
  { skip: withoutOpenssl },
  () =>
    withDirectory(async (directory) => {
      await makeCertificates(directory);
      const files = { sslrootcert: 'ca.crt', sslcert: 'client.crt', sslkey: 'client.key' };
      const paths = Object.fromEntries(
        Object.entries(files).map(([keyword, name]) => [keyword, join(directory, name)]),
      );
      await withTlsServer(directory, async (server) => {
        await withClient(server, (client) => client.query('ALTER ROLE certified SUPERUSER'));
        const place = { ...server, user: 'certified', sslmode: 'verify-full' };
        const init = (given: Conninfo) =>
          run('slipway', ['supabase', 'init', conninfoText(given)], { POSTGRES_PASSWORD: 'x' });
        const ended = await init({ ...place, ...paths });
        assert.equal(ended.status, 0, ended.stdout + ended.stderr);
        const refused = await init({ ...place, sslrootcert: join(directory, 'ca.crt') });
        assert.deepEqual([refused.status, refused.stdout], [1, '']);
        assert.match(refused.stderr, /valid client certificate/);
      });
    }),
);

test('13: on the image, postgres is told that it is no superuser and who is, before anything is done', () =>
  withServer(async (server) => {
    await server.sql(await readFile(join(root, 'test', 'supabase', 'image.sql'), 'utf8'));
    const before = await server.facts('postgres');
    const { status, stderr } = await server.slipway(['init'], { user: 'postgres' });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /00-initial-schema\.sql, 01-roles\.sql, 04-webhooks\.sql: needs SUPERUSER.*: connect as supabase_admin/,
    );
    assert.deepEqual(await server.facts('postgres'), before);
  }));

/** A table that looks like one of a service, as golang-migrate, Ecto and Rails make it, and a view that depends on it. */
const userTables = `
  CREATE TABLE public.schema_migrations (version text PRIMARY KEY);
  INSERT INTO public.schema_migrations VALUES ('20240101'), ('20240102');
  CREATE VIEW public.seen AS SELECT version FROM public.schema_migrations ORDER BY version`;

async function requirePassword({ cluster, sql }: Server, role: string): Promise<void> {
  const path = join(cluster.dataDir, 'pg_hba.conf');
  await writeFile(path, `local all ${role} scram-sha-256\n${await readFile(path, 'utf8')}`);
  await sql('SELECT pg_reload_conf()');
}

async function logOf({ cluster }: Server): Promise<string> {
  const names = await readdir(cluster.logDir);
  const texts = await Promise.all(names.map((name) => readFile(join(cluster.logDir, name), 'utf8')));
  const text = texts.join('');
  assert.match(text, /slipway_password/, 'the server logs no statements');
  return text;
}
