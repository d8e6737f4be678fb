import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import type { UserError } from '../../src/errors.js';
import { ensureSecretKey, secretKeyFileName } from '../../src/hectic/key-file.js';
import { loadSecrets } from '../../src/hectic/secrets.js';
import { startServer } from './server.js';

const server = await startServer();
await logEverything();
const keyFile = join(server.dataDir, secretKeyFileName);

afterEach(() => rm(keyFile, { force: true }));

async function logEverything(): Promise<void> {
  await server.withDatabase(async ({ client }) => {
    const settings = {
      log_statement: 'all',
      log_min_duration_statement: '0',
      log_parameter_max_length_on_error: '-1',
      log_error_verbosity: 'verbose',
      log_min_messages: 'debug1',
    };
    for (const [name, value] of Object.entries(settings)) await client.query(`ALTER SYSTEM SET ${name} = '${value}'`);
    await client.query('SELECT pg_reload_conf()');
  });
}

/** What the server has logged for a session so far. Its log collector writes with a delay, so a mark of ours is awaited. */
async function serverLog(client: pg.Client): Promise<string> {
  const mark = `mark ${randomUUID()}`;
  await client.query(`DO $$ BEGIN RAISE LOG '${mark}'; END $$`);
  for (;;) {
    const files = await readdir(server.logDir);
    const text = (await Promise.all(files.map((file) => readFile(join(server.logDir, file), 'utf8')))).join('');
    if (text.includes(`LOG:  00000: ${mark}`)) return text;
    await setTimeout(20);
  }
}

async function secretsOf(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query('SELECT name, hectic.get_secret(name) AS value FROM hectic.secret ORDER BY name');
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

const setKey = (client: pg.Client, key: string) =>
  client.query("SELECT set_config('hectic.secret_key', $1, false)", [key]);

const texts: readonly (readonly [string, string, Record<string, string>])[] = [
  ['keys and values', 'A=1\nB_2=two words\n', { A: '1', B_2: 'two words' }],
  ['comments and blank lines', '# A=1\n\n   # B=2\nC=3', { C: '3' }],
  ['outer quotes', `A="x"\nB='y'\nC="it's"\nD='"'`, { A: 'x', B: 'y', C: "it's", D: '"' }],
  ['quotes that are not outer', `A="x\nB=x"\nC="\nD="a" b\nE="a'`, { A: '"x', B: 'x"', C: '"', D: '"a" b', E: `"a'` }],
  ['blanks in quotes, and none around', 'A="  x "\n  B =  y  \t\n', { A: '  x ', B: 'y' }],
  [
    'equals signs, hashes, dollars and backslashes in values',
    'A=a=b==\nB=x # y\nC=$A\nD=a\\nb',
    { A: 'a=b==', B: 'x # y', C: '$A', D: 'a\\nb' },
  ],
  ['empty values', 'A=\nB=""', { A: '', B: '' }],
  ['CRLF and a byte order mark', '\uFEFFA=1\r\nB="2"\r\n', { A: '1', B: '2' }],
  ['export', 'export A=1\nexporter=2', { A: '1', exporter: '2' }],
  ['the last of equal keys', 'A=1\nB=2\nA=3', { A: '3', B: '2' }],
  ['other alphabets', 'A=pässwörd 密码 🔑', { A: 'pässwörd 密码 🔑' }],
  ['nothing', '', {}],
];

test('dotenv text is loaded by the rules, and replaces what was there', async (t) => {
  await server.withDatabase(async ({ client }) => {
    await setKey(client, 'key');
    for (const [name, text, secrets] of texts) {
      await t.test(name, async () => {
        await loadSecrets(client, text);
        assert.deepEqual(await secretsOf(client), secrets);
      });
    }
  });
});

test('the rules do not depend on standard_conforming_strings', () =>
  server.withDatabase(async ({ client }) => {
    await client.query('SET standard_conforming_strings = off');
    await setKey(client, 'key');
    await loadSecrets(client, `export A="a\\nb"\r\nB = 'x y'`);
    assert.deepEqual(await secretsOf(client), { A: 'a\\nb', B: 'x y' });
  }));

const faults: readonly (readonly [string, string, string])[] = [
  ['a line without =', 'A=1\nhunter2\nB=2', '2'],
  ['every bad line at once', 'hunter2\nA=1\n\n=x\n1A=x\nA B=x', '1, 4, 5, 6'],
  ['a value over several lines', 'A="one\nhunter2"', '2'],
];

test('a faulty dotenv text is refused by line, without its text, and changes nothing', async (t) => {
  await server.withDatabase(async ({ client }) => {
    await setKey(client, 'key');
    await loadSecrets(client, 'OLD=1');
    for (const [name, text, lines] of faults) {
      await t.test(name, async () => {
        await assert.rejects(loadSecrets(client, text), (error: UserError) => {
          assert.equal(error.message, `secrets: dotenv text: not KEY=VALUE on line ${lines}`);
          assert.match(error.hint ?? '', /KEY=VALUE/);
          return true;
        });
        assert.deepEqual(await secretsOf(client), { OLD: '1' });
      });
    }
    await assert.rejects(client.query('SELECT hectic.load_secrets_from_env(NULL)'), /no dotenv text/);
  });
});

test('without a key there is an error with the remedy', () =>
  server.withDatabase(async ({ client }) => {
    await assert.rejects(loadSecrets(client, 'A=1'), (error: UserError) => {
      assert.match(error.message, /there is no key/);
      assert.match(error.message, /hectic_secret\.key is not in the server's data directory/);
      assert.match(error.hint ?? '', /database init/);
      return true;
    });
    await writeFile(keyFile, '\n', { mode: 0o600 });
    await assert.rejects(loadSecrets(client, 'A=1'), /is empty/);
    assert.equal((await client.query("SELECT hectic.get_secret('A') AS value")).rows[0].value, null);
  }));

test('the key file serves every session; the setting of a session comes before it', () =>
  server.withDatabase(async ({ client, connect }) => {
    assert.equal(await ensureSecretKey(server.dataDir), 'created');
    await loadSecrets(client, 'A=from the file');
    assert.deepEqual(await secretsOf(await connect()), { A: 'from the file' });
    const own = await connect({ options: '-c hectic.secret_key=other' });
    await assert.rejects(secretsOf(own), /the key does not open the secret "A"/);
    await loadSecrets(own, 'A=from the session');
    assert.deepEqual(await secretsOf(own), { A: 'from the session' });
    await assert.rejects(secretsOf(client), /the key does not open/);
  }));

test('a key that is given for loading is not left in the session', () =>
  server.withDatabase(async ({ client }) => {
    await loadSecrets(client, 'A=1', { key: 'given' });
    await assert.rejects(secretsOf(client), /there is no key/);
    await setKey(client, 'given');
    assert.deepEqual(await secretsOf(client), { A: '1' });
  }));

test('changed bytes are refused', () =>
  server.withDatabase(async ({ client }) => {
    await setKey(client, 'key');
    await loadSecrets(client, 'A=some longer value so that there is something to change');
    const { rows } = await client.query('SELECT octet_length(ciphertext) AS size FROM hectic.secret');
    await client.query(
      'UPDATE hectic.secret SET ciphertext = set_byte(ciphertext, $1, 255 - get_byte(ciphertext, $1))',
      [rows[0].size - 30],
    );
    await assert.rejects(secretsOf(client), /the key does not open/);
  }));

test('only roles that were granted EXECUTE can read, whatever their search_path, and nobody sees the key', () =>
  server.withDatabase(async ({ client, connect }) => {
    await ensureSecretKey(server.dataDir);
    await loadSecrets(client, 'A=1');
    await client.query('CREATE ROLE reader LOGIN; CREATE ROLE stranger LOGIN; GRANT CREATE ON SCHEMA public TO reader');
    await client.query('GRANT EXECUTE ON FUNCTION hectic.get_secret(text) TO reader');
    const reader = await connect({ user: 'reader' });
    await reader.query(`
      CREATE TEMP TABLE secret (name text, ciphertext bytea);
      CREATE FUNCTION public.pgp_sym_decrypt(text, text) RETURNS text LANGUAGE sql AS 'SELECT ''stolen''';
      CREATE FUNCTION pg_temp.secret_key() RETURNS text LANGUAGE sql AS 'SELECT ''stolen''';
      SET search_path = pg_temp, public, pg_catalog`);
    assert.equal((await reader.query("SELECT hectic.get_secret('A') AS value")).rows[0].value, '1');
    const stranger = await connect({ user: 'stranger' });
    await assert.rejects(stranger.query("SELECT hectic.get_secret('A')"), /permission denied for function get_secret/);
    for (const session of [reader, stranger]) {
      for (const sql of [
        'SELECT * FROM hectic.secret',
        'SELECT hectic.secret_key()',
        "SELECT hectic.load_secrets_from_env('A=2')",
        `SELECT pg_read_file('${secretKeyFileName}')`,
      ]) {
        await assert.rejects(session.query(sql), /permission denied/);
      }
    }
  }));

test('a role that was granted the loader can load', () =>
  server.withDatabase(async ({ client, connect }) => {
    await ensureSecretKey(server.dataDir);
    await client.query(
      'CREATE ROLE loader LOGIN; GRANT EXECUTE ON FUNCTION hectic.load_secrets_from_env(text) TO loader',
    );
    await loadSecrets(await connect({ user: 'loader' }), 'A=1');
    assert.deepEqual(await secretsOf(client), { A: '1' });
  }));

test('pgcrypto may be in any schema', () =>
  server.withDatabase(async ({ client }) => {
    await setKey(client, 'key');
    await client.query('CREATE SCHEMA "my extensions"; ALTER EXTENSION pgcrypto SET SCHEMA "my extensions"');
    await loadSecrets(client, 'A=1');
    assert.deepEqual(await secretsOf(client), { A: '1' });
    await client.query('DROP EXTENSION pgcrypto');
    await assert.rejects(secretsOf(client), /extension pgcrypto is gone/);
  }));

test('a function that stands in for one of pgcrypto is not called', () =>
  server.withDatabase(async ({ client }) => {
    await setKey(client, 'key');
    await loadSecrets(client, 'A=1');
    await client.query(`
      CREATE SCHEMA evil;
      ALTER EXTENSION pgcrypto DROP FUNCTION pgp_sym_decrypt(bytea, text);
      ALTER EXTENSION pgcrypto SET SCHEMA evil;
      CREATE FUNCTION evil.pgp_sym_decrypt(bytea, text) RETURNS text LANGUAGE sql AS 'SELECT ''stolen''';
      ALTER EXTENSION pgcrypto ADD FUNCTION evil.pgp_sym_decrypt(bytea, text)`);
    assert.deepEqual(await secretsOf(client), { A: '1' });
  }));

test('neither the table nor the log holds clear text, also when loading fails', () =>
  server.withDatabase(async ({ client }) => {
    await ensureSecretKey(server.dataDir);
    await loadSecrets(client, 'A=hunter2');
    await assert.rejects(loadSecrets(client, 'A=hunter2\nhunter2'), /line 2/);
    await rm(keyFile);
    await assert.rejects(loadSecrets(client, 'A=hunter2'), /there is no key/);
    const { rows } = await client.query("SELECT position('hunter2'::bytea IN ciphertext) AS at FROM hectic.secret");
    assert.deepEqual(rows, [{ at: 0 }]);
    await client.query('SELECT $1::text', ['other parameters are logged']);
    const log = await serverLog(client);
    assert.match(log, /other parameters are logged/);
    assert.match(log, /SELECT hectic\.load_secrets_from_env\(\$1\)/);
    assert.doesNotMatch(log.replace(/.*position\('hunter2'.*/g, ''), /hunter2/);
  }));

test('a failed call with a literal does not reach the log either', () =>
  server.withDatabase(async ({ client }) => {
    await setKey(client, 'key');
    await client.query(
      "SET log_statement = 'none'; SET log_min_duration_statement = -1; SET log_min_messages = warning",
    );
    await assert.rejects(client.query("SELECT hectic.load_secrets_from_env(E'A=swordfish\\nbad')"), /line 2/);
    assert.doesNotMatch(await serverLog(client), /swordfish/);
  }));

test('a key is made once, for the owner alone, and never replaced', async () => {
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => ensureSecretKey(server.dataDir)));
  assert.equal(outcomes.filter((outcome) => outcome === 'created').length, 1);
  const key = await readFile(keyFile, 'utf8');
  assert.match(key, /^[0-9a-f]{64}\n$/);
  const file = await stat(keyFile);
  assert.equal(file.mode & 0o777, 0o600);
  assert.equal(file.uid, (await stat(server.dataDir)).uid);
  assert.equal(await ensureSecretKey(server.dataDir), 'present');
  assert.equal(await readFile(keyFile, 'utf8'), key);
  assert.deepEqual(
    (await readdir(server.dataDir)).filter((name) => name.startsWith(secretKeyFileName)),
    [secretKeyFileName],
  );
});

test('a key file that is empty or open to others is an error that says what to do', async () => {
  await writeFile(keyFile, '', { mode: 0o600 });
  await assert.rejects(ensureSecretKey(server.dataDir), /is empty/);
  await writeFile(keyFile, 'key');
  await chmod(keyFile, 0o640);
  await assert.rejects(ensureSecretKey(server.dataDir), { hint: `Run: chmod 600 '${keyFile}'` });
});
