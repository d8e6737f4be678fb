import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../support/cli.js';
import { query, withCluster, withDirectory } from '../support/cluster.js';

const load = (argv: readonly string[], env = {}) => run('db-ops', ['secrets', 'load', ...argv], env);

const nowhere = 'postgresql:///x?host=/nowhere';

/** Arguments and variables, the exit status, and what the message must name. */
const refusals: readonly [what: string, argv: string[], env: Record<string, string>, status: number, stderr: RegExp][] =
  [
    ['no database', [], {}, 3, /DB_URL is not set[\s\S]*hint: .*--url/],
    ['no dotenv file', ['-u', nowhere], {}, 3, /no dotenv file[\s\S]*hint: .*--file/],
    ['an environment without LOCAL_DIR', ['-u', nowhere], { ENVIRONMENT: 'dev' }, 3, /no dotenv file/],
    ['a file that is not there', ['-u', nowhere, '-f', '/no/such'], {}, 3, /cannot read .*\/no\/such: ENOENT/],
    [
      'a file of ENVIRONMENT that is not there',
      ['-u', nowhere],
      { ENVIRONMENT: 'x', LOCAL_DIR: '/no' },
      3,
      /\/no\/\.env\.x/,
    ],
    [
      'a URL of another kind',
      ['-u', 'mysql://me:hunter2@x', '-f', '/dev/null'],
      {},
      1,
      /--url cannot be used(?![\s\S]*hunter2)/,
    ],
    ['a server that is not there', ['-u', nowhere, '-f', '/dev/null'], {}, 1, /\/nowhere\/\.s\.PGSQL\.5432.*failed/],
    ['an unknown word', ['nope'], {}, 9, /too many arguments/],
  ];

for (const [what, argv, env, expected, message] of refusals) {
  test(`db-ops secrets load refuses ${what}`, async () => {
    const { status, stderr } = await load(argv, env);
    assert.match(stderr, message);
    assert.equal(status, expected);
  });
}

test('db-ops secrets load applies the bundle to any database and replaces its secrets', () =>
  withCluster(({ url }) =>
    withDirectory(async (directory) => {
      const file = join(directory, 'secrets.env');
      await writeFile(file, 'OLD=1\n');
      const key = { HECTIC_SECRET_KEY: 'a key' };
      assert.equal((await load(['-u', url, '-f', file], key)).status, 0);
      const again = await load([], { ...key, DB_URL: url, HECTIC_DOTENV_CONTENT: 'TOKEN="hunter2"' });
      assert.equal(again.status, 0, again.stderr);
      assert.match(again.stderr, /load the secrets: HECTIC_DOTENV_CONTENT/);
      assert.doesNotMatch(again.stderr + again.stdout, /hunter2/);
      assert.equal(await query(url, "SELECT string_agg(name, ',') FROM hectic.secret"), 'TOKEN');
      const read =
        "CASE WHEN set_config('hectic.secret_key', 'a key', false) <> '' THEN hectic.get_secret('TOKEN') END";
      assert.equal(await query(url, `SELECT ${read}`), 'hunter2');
    }),
  ));

test("the project's own cluster gets a key file, as with hydrate", () =>
  withCluster(async ({ url, workingDir, dataDir }) => {
    const { status, stderr } = await load([], {
      PGURL: url,
      PG_WORKING_DIR: workingDir,
      HECTIC_DOTENV_CONTENT: 'A=1',
    });
    assert.equal(status, 0, stderr);
    assert.match(await readFile(join(dataDir, 'hectic_secret.key'), 'utf8'), /^[0-9a-f]{64}\n$/);
    assert.equal(await query(url, "SELECT hectic.get_secret('A')"), '1');
  }));
