import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withClient } from '../../src/postgres/client.js';
import type { Conninfo } from '../../src/postgres/keywords.js';
import type { InitReport } from '../../src/supabase/init.js';
import { lockKey } from '../../src/supabase/lock.js';
import type { SettingFlags } from '../../src/supabase/settings.js';
import { run, start } from '../support/cli.js';
import { withDirectory } from '../support/cluster.js';
import { absences, conninfoText, init, outcomes, type Server, withServer } from './server.js';

const secret = { POSTGRES_PASSWORD: 'secret' };
const skipped = {
  '00-initial-schema.sql': 'skipped',
  '01-roles.sql': 'skipped',
  '02-jwt.sql': 'skipped',
  '03-logs.sql': 'skipped',
  '04-webhooks.sql': 'skipped',
  '05-realtime.sql': 'skipped',
  '06-pooler.sql': 'skipped',
};

const entry = (file: string) =>
  `INSERT INTO supabase_slipway.migration (file, sha256, version, duration) VALUES ('${file}', repeat('0', 64), '0', '1s')`;

/** What happens to an initialised database, how the next run is called, and which files it finds due ("NN reason"). */
const cases: readonly [what: string, sql: string, due: readonly string[], env?: Record<string, string>][] = [
  ['nothing happened', 'SELECT', []],
  ['another password is given', 'SELECT', ['01 differs'], { POSTGRES_PASSWORD: 'new' }],
  ['that password is given again', 'SELECT', [], { POSTGRES_PASSWORD: 'new' }],
  ['the first one is given again', 'SELECT', ['01 differs']],
  ['somebody changes the password of a role', "ALTER ROLE authenticator PASSWORD 'x'", ['01 differs']],
  ['somebody does so, and no password is given', "ALTER ROLE authenticator PASSWORD 'x'", [], {}],
  ['and now it is given', 'SELECT', ['01 differs']],
  ['another lifetime is given', 'SELECT', ['02 differs'], { ...secret, JWT_EXP: '60' }],
  ['the first one is', 'SELECT', ['02 differs']],
  ['a schema is dropped', 'DROP SCHEMA _realtime', ['05 differs']],
  ['the shared database is dropped', 'DROP DATABASE _supabase', ['00 differs', '03 differs', '06 differs']],
  ['a function is dropped', 'DROP FUNCTION supabase_functions.http_request', ['04 differs']],
  ['another version of a file was applied', entry('05-realtime.sql'), ['05 changed']],
  ['a file was applied that is gone', entry('99-gone.sql'), []],
];

function dueOf(report: InitReport): string[] {
  const due = report.files.filter(({ status }) => status !== 'skipped');
  return due.map(({ file, reason }) => `${file.slice(0, 2)} ${reason}`);
}

test('what is recorded is skipped, and what is not as it should be is applied', async (t) => {
  await withServer(async (server) => {
    await server.makeDatabase('shop');
    const again = (env: Record<string, string> = secret, flags = {}) =>
      init(server, { dbname: 'shop' }, { env, flags });

    await t.test('--dry-run writes nothing, and says what would be applied', async () => {
      const before = await server.facts('shop');
      const plan = await again(secret, { dryRun: true });
      assert.deepEqual(outcomes(plan), Object.fromEntries(Object.keys(skipped).map((file) => [file, 'due new'])));
      assert.deepEqual(await server.facts('shop'), before);
      assert.deepEqual(await server.sql("SELECT to_regnamespace('supabase_slipway')", 'shop'), [[null]]);
    });

    await t.test('the record holds file, hash, version, time and duration', async () => {
      await again();
      const rows = await server.sql(
        `SELECT file, sha256 ~ '^[0-9a-f]{64}$', version, applied_at <= now(), duration > '0'
        FROM supabase_slipway.migration ORDER BY id`,
        'shop',
      );
      assert.deepEqual(
        rows,
        Object.keys(skipped).map((file) => [file, true, '0.1.0', true, true]),
      );
    });

    for (const [what, sql, due, env = secret] of cases) {
      await t.test(what, async () => {
        await server.sql(sql, 'shop');
        assert.deepEqual(dueOf(await again(env)), due);
        assert.deepEqual(await absences(server, { dbname: 'shop' }, { env }), []);
      });
    }

    await t.test('verify names what is not there, with status 1', async () => {
      await server.sql('DROP SCHEMA _realtime; ALTER DATABASE shop RESET "app.settings.jwt_exp"', 'shop');
      const { status, stdout, stderr } = await server.slipway(['verify'], { dbname: 'shop' });
      assert.deepEqual([status, stderr.split('\n')[0]], [1, 'error: database shop has not all that its record says']);
      assert.match(stdout, /05-realtime.sql: applied .*\n {2}not there: schema _realtime\n/);
      assert.match(stdout, /02-jwt.sql: applied .*\n {2}not there: database sets app.settings.jwt_exp=3600\n/);
    });

    await t.test('verify refuses a database that was never initialised, status shows it', async () => {
      assert.equal((await server.slipway(['verify'])).status, 1);
      const { status, stdout } = await server.slipway(['status', '--json']);
      assert.equal(status, 0);
      assert.equal(JSON.parse(stdout).isComplete, false);
    });
  });
});

test('scripts of the user run after the seven and are recorded with them', (t) =>
  withServer((server) =>
    withDirectory(async (directory) => {
      const write = (name: string, sql: string) => writeFile(join(directory, name), sql);
      const run = (env: Record<string, string> = secret) => init(server, {}, { env, flags: { extra: directory } });
      await write('10-note.sql', "\\getenv user POSTGRES_USER\nCREATE TABLE note AS SELECT :'user' AS who;");
      await write('20-fault.sql', 'BEGIN;\nCREATE TABLE half (a int);\nSELECT 1/0;\nCOMMIT;\n');
      await write('30-last.sql', 'CREATE TABLE last (a int);');

      await t.test('the first that fails ends the run; it is named with its line', async () => {
        const report = await run({ ...secret, POSTGRES_USER: server.cluster.user });
        assert.ok(report.hasFailed);
        const seven = Object.fromEntries(Object.keys(skipped).map((file) => [file, 'applied new']));
        const mine = { '10-note.sql': 'applied new', '20-fault.sql': 'failed new', '30-last.sql': 'due new' };
        assert.deepEqual(outcomes(report), { ...seven, ...mine });
        assert.match(String(report.files.at(-2)?.errors), /20-fault\.sql:3.*division by zero \(SQLSTATE 22012\)/s);
        const made = await server.sql("SELECT to_regclass('half'), to_regclass('last'), who FROM note");
        assert.deepEqual(made, [[null, null, server.cluster.user]]);
      });

      await t.test('the command shows that too, with status 1', async () => {
        const { status, stdout } = await server.slipway(['init', '--extra', directory], {}, secret);
        assert.equal(status, 1);
        assert.match(
          stdout,
          /10-note\.sql: skipped .*\n20-fault\.sql: failed .*\n {2}error: .*20-fault\.sql:3.*division by zero/,
        );
        assert.match(stdout, /30-last\.sql: would be applied \(new\)\n$/);
      });

      await t.test('mended, the next run goes on where that one ended', async () => {
        await write('20-fault.sql', 'CREATE TABLE half (a int);');
        assert.deepEqual(dueOf(await run()), ['20 new', '30 new']);
      });

      await t.test('a changed one is applied again', async () => {
        await write('30-last.sql', 'ALTER TABLE last ADD b int;');
        assert.deepEqual(dueOf(await run()), ['30 changed']);
      });

      await t.test('one with the name of one of the seven is refused', async () => {
        await write('02-jwt.sql', 'SELECT 1');
        await assert.rejects(run(), /02-jwt\.sql has the name of one of the seven files/);
      });
    }),
  ));

/** What cannot be initialised, with the words that say so; nothing is done to any of them. */
const refusals: readonly [what: string, given: Conninfo, flags: SettingFlags & { extra?: string }, message: RegExp][] =
  [
    ['a template', { dbname: 'template1' }, {}, /template1 is copied into every new database/],
    [
      'the shared database',
      {},
      { supabaseDatabase: 'postgres' },
      /postgres is the database that analytics and the pooler/,
    ],
    ['an owner that is not there', {}, { owner: 'nobody' }, /role "nobody" \(--owner, POSTGRES_USER\) does not exist/],
    [
      'a user without rights',
      { user: 'plain' },
      {},
      /- 00.*04-webhooks.sql: needs SUPERUSER.*\n- 02.*: needs the owner of database/,
    ],
    ['a user that is not there', { user: 'nobody' }, {}, /role "nobody" does not exist/],
    ['a database that is not there', { dbname: 'nowhere' }, {}, /database "nowhere" does not exist/],
    ['a server that does not answer', { host: '/nonexistent' }, {}, /No such file or directory/],
    ['a lifetime that is none', {}, { jwtExp: '1h' }, /--jwt-exp is no number of seconds: '1h'/],
    ['a secret that is not there', {}, { jwtSecretInDatabase: true }, /no JWT secret/],
    ['a password file that is not there', {}, { passwordFile: '/nonexistent' }, /cannot read the password: ENOENT/],
    ['scripts that are not there', {}, { extra: '/nonexistent' }, /\/nonexistent is no directory/],
  ];

test('what cannot be initialised is refused before anything is done', (t) =>
  withServer(async (server) => {
    await server.sql('CREATE ROLE plain LOGIN');
    const before = await server.facts('postgres');
    for (const [what, given, flags, message] of refusals) {
      await t.test(what, async () => {
        await assert.rejects(init(server, given, { env: {}, flags }), message);
        assert.deepEqual(await server.facts('postgres'), before);
      });
    }

    await t.test('the command says so with a status that is not 0', async () => {
      const { status, stdout, stderr } = await server.slipway(['init', '--json'], { user: 'plain' });
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, /^error: database postgres, as plain: nothing was done\n- /);
      assert.equal((await run('slipway', ['supabase', 'init'])).status, 3);
    });
  }));

test('initialisations that meet take turns', (t) =>
  withServer(async (server) => {
    const begin = (words: readonly string[], dbname = 'postgres') =>
      start('slipway', ['supabase', 'init', conninfoText(server.connection({ dbname })), ...words], secret);

    await t.test('two of one database both succeed, and each file is applied once', async () => {
      const both = await Promise.all([begin([]).ended, begin([]).ended]);
      assert.deepEqual(
        both.map(({ status }) => status),
        [0, 0],
        JSON.stringify(both),
      );
      assert.deepEqual(await server.sql('SELECT count(*) FROM supabase_slipway.migration'), [['7']]);
    });

    await t.test('those of several databases of one server all succeed', async () => {
      const names = ['one', 'two', 'three'];
      await server.sql('DROP DATABASE _supabase');
      for (const name of names) await server.makeDatabase(name);
      const all = await Promise.all(names.map((name) => begin([], name).ended));
      assert.deepEqual(
        all.map(({ status }) => status),
        [0, 0, 0],
        JSON.stringify(all, null, 1),
      );
      for (const dbname of names) assert.deepEqual(await absences(server, { dbname }), []);
    });

    await t.test('one that waits says for whom, and can be interrupted', () =>
      withClient(server.connection({ application_name: 'psql of somebody' }), async (client) => {
        await client.query(`SELECT pg_advisory_lock(${lockKey})`);
        const { child, ended } = begin([]);
        assert.ok(child.stderr);
        const [words] = await once(child.stderr, 'data');
        assert.match(
          String(words),
          /^waiting for session \d+ of .* \(psql of somebody\), which initialises this database\n$/,
        );
        child.kill('SIGTERM');
        assert.equal((await ended).status, 143);
      }),
    );

    await t.test('one that loses the lock stops', () =>
      withDirectory(async (directory) => {
        const sql = `SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1;
          SELECT pg_sleep(600);`;
        await writeFile(join(directory, 'lose.sql'), sql);
        const { status, stderr } = await begin(['--extra', directory]).ended;
        assert.equal(status, 1);
        assert.match(stderr, /error: the session that held the lock of this initialisation was lost\n/);
      }),
    );
  }));

test('an initialisation that is killed at any time is completed by the next one', () =>
  withServer(async (server) => {
    const rounds = Number(process.env.SUPABASE_KILLS ?? 2);
    for (let round = 0; round < rounds; round++) {
      const dbname = `round_${round}`;
      await server.makeDatabase(dbname);
      await killAfter(server, dbname, round % 8);
      assert.equal((await init(server, { dbname })).hasFailed, false);
      assert.deepEqual(await absences(server, { dbname }, { env: secret }), []);
    }
  }));

/** Starts an initialisation and kills it as soon as it has reported so many lines. */
async function killAfter(server: Server, dbname: string, lines: number): Promise<void> {
  const { child, ended } = start('slipway', ['supabase', 'init', conninfoText(server.connection({ dbname }))], secret);
  let seen = 0;
  child.stdout?.on('data', (bytes: Buffer) => {
    seen += String(bytes).split('\n').length - 1;
    if (seen > lines) child.kill('SIGKILL');
  });
  await ended;
}
