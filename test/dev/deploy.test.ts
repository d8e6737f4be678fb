import assert from 'node:assert/strict';
import { once } from 'node:events';
import { access, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withClient } from '../../src/postgres/client.js';
import { withProject } from '../support/project.js';

const sources = {
  'db/src/entrypoint.sql': `\\ir table/item.sql
\\if :{?USE_MOCK}
  INSERT INTO item (name) VALUES ('mock');
\\endif
SELECT 'printed by the sources';
`,
  'db/src/table/item.sql':
    'CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL) INHERITS (hectic.created_at);\n',
  'test-data.sql': "INSERT INTO item (name) VALUES ('patched');\n",
};

async function names(url: string): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>('SELECT name FROM item ORDER BY id');
    return rows.map(({ name }) => name);
  });
}

test('deploy starts a cluster, hydrates, patches, and prints the URL last', () =>
  withProject(sources, async (project) => {
    const { status, stdout, stderr } = await project.database(['deploy']);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /printed by the sources/);
    assert.match(stderr, /hydrate: 2 files/);
    assert.deepEqual(await names(urlIn(stdout)), ['patched']);
  }));

test('deploy --mock sets USE_MOCK, --no-patch leaves the patch out', () =>
  withProject(sources, async (project) => {
    const { stdout } = await project.database(['deploy', '--mock', '--no-patch']);
    assert.deepEqual(await names(urlIn(stdout)), ['mock']);
  }));

test('deploy starts afresh, and --reuse keeps cluster and data', () =>
  withProject(sources, async (project) => {
    await project.database(['deploy']);
    const kept = await project.database(['deploy', '--reuse']);
    assert.equal(kept.status, 0, kept.stderr);
    assert.deepEqual(await names(urlIn(kept.stdout)), ['patched']);
    const fresh = await project.database(['deploy', '-H', '-P']);
    await assert.rejects(names(urlIn(fresh.stdout)), /relation "item" does not exist/);
  }));

test('deploy --cleanup leaves no cluster', () =>
  withProject(sources, async (project) => {
    const { status } = await project.database(['deploy', '--cleanup']);
    assert.equal(status, 0);
    await assert.rejects(access(join(project.root, 'pg')), { code: 'ENOENT' });
  }));

test("the seed's DB_URL, with PG_WORKING_DIR as host, names role and database of the local cluster", () =>
  withProject(sources, async (project) => {
    const url = `postgresql://user@localhost/dbname?host=${project.env.PG_WORKING_DIR}&port=5432`;
    const { status, stderr } = await project.database(['deploy'], { DB_URL: url, PG_DATABASE: undefined });
    assert.equal(status, 0, stderr);
    assert.deepEqual(await names(url), ['patched']);
  }));

test('an SQL error names the files that led to it, line, column and caret, and ends with status 1', () =>
  withProject(sources, async (project) => {
    await project.write({ 'db/src/table/item.sql': 'SELECT 1;\nCREATE TABLE item (\n  id txt\n);\n' });
    const { status, stderr } = await project.database(['check']);
    assert.equal(status, 1);
    assert.match(stderr, /entrypoint\.sql:1/);
    assert.match(stderr, /table\/item\.sql:3:6/);
    assert.match(stderr, /type "txt" does not exist/);
    assert.match(stderr, /id txt\n.*\^/);
  }));

test('hydrate and patch work on the running cluster without DB_URL, and write their output to their logs', () =>
  withProject(sources, async (project) => {
    const logs = { HYDRATE_LOG: join(project.root, 'logs/h.log'), PATCH_LOG: join(project.root, 'logs/p.log') };
    await project.database(['init']);
    const hydrated = await project.database(['hydrate'], logs);
    assert.equal(hydrated.status, 0, hydrated.stderr);
    assert.equal(hydrated.stdout, '');
    assert.match(await readFile(logs.HYDRATE_LOG, 'utf8'), /CREATE TABLE[\s\S]*printed by the sources/);
    const patched = await project.database(['patch'], logs);
    assert.equal(patched.status, 0, patched.stderr);
    assert.equal(await readFile(logs.PATCH_LOG, 'utf8'), 'INSERT 0 1\n');
  }));

test('hydrate without DB_URL and without a cluster names the variable, status 3', () =>
  withProject(sources, async (project) => {
    const { status, stderr } = await project.database(['hydrate']);
    assert.equal(status, 3);
    assert.match(stderr, /DB_URL is not set/);
  }));

test('hydrate --no-hook leaves bundle and secrets out', () =>
  withProject({ 'db/src/entrypoint.sql': 'CREATE TABLE item (name text);' }, async (project) => {
    const init = await project.database(['init']);
    const { status } = await project.database(['hydrate', '--no-hook'], { HECTIC_DOTENV_CONTENT: 'A=b' });
    assert.equal(status, 0);
    const schemas = await withClient(urlIn(init.stdout), (client) =>
      client.query("SELECT FROM pg_namespace WHERE nspname = 'hectic'"),
    );
    assert.equal(schemas.rowCount, 0);
  }));

const dotenvs: readonly [name: string, env: Record<string, string>, secret: string | null][] = [
  [
    'HECTIC_DOTENV_CONTENT wins',
    { HECTIC_DOTENV_CONTENT: 'K=content', HECTIC_DOTENV_FILE: 'named.env', ENVIRONMENT: 'dev' },
    'content',
  ],
  ['HECTIC_DOTENV_FILE comes next', { HECTIC_DOTENV_FILE: 'named.env', ENVIRONMENT: 'dev' }, 'named'],
  ['.env.$ENVIRONMENT comes last', { ENVIRONMENT: 'dev' }, 'environment'],
  ['without any of them no secrets are loaded', { ENVIRONMENT: 'other' }, null],
];

test('secrets come from the first source that is there, and are readable in any session', () =>
  withProject({ ...sources, 'named.env': 'K=named\n', '.env.dev': 'K="environment"\n' }, async (project) => {
    const { stdout } = await project.database(['init']);
    for (const [name, env, secret] of dotenvs) {
      await withClient(urlIn(stdout), (client) => client.query('DROP TABLE IF EXISTS item'));
      const absolute =
        env.HECTIC_DOTENV_FILE === undefined ? env : { ...env, HECTIC_DOTENV_FILE: join(project.root, 'named.env') };
      const { status, stderr } = await project.database(['hydrate'], absolute);
      assert.equal(status, 0, stderr);
      const { rows } = await withClient(urlIn(stdout), async (client) => {
        const result = await client.query<{ k: string | null }>("SELECT hectic.get_secret('K') AS k");
        await client.query('DELETE FROM hectic.secret');
        return result;
      });
      assert.equal(rows[0]?.k, secret, name);
    }
  }));

test('a dotenv file that was named and cannot be read is told', () =>
  withProject(sources, async (project) => {
    const { status, stderr } = await project.database(['check'], { HECTIC_DOTENV_FILE: '/nonexistent/file.env' });
    assert.equal(status, 0);
    assert.match(stderr, /warning: no secrets are loaded: .*\/nonexistent\/file\.env/);
  }));

test('patch creates the patch file when it is missing; --edit opens it in EDITOR and applies nothing', () =>
  withProject({ 'db/src/entrypoint.sql': '' }, async (project) => {
    await project.database(['init']);
    assert.equal((await project.database(['patch'])).status, 0);
    assert.equal(await readFile(join(project.root, 'test-data.sql'), 'utf8'), '');
    const edit = await project.database(['patch', '--edit'], { EDITOR: 'echo bad sql >' });
    assert.equal(edit.status, 0, edit.stderr);
    assert.equal(await readFile(join(project.root, 'test-data.sql'), 'utf8'), 'bad sql\n');
    const missing = await project.database(['patch', '--edit'], { EDITOR: 'no-such-editor' });
    assert.equal(missing.status, 127);
    assert.match(missing.stderr, /no-such-editor/);
  }));

test('check leaves the project, its cluster and its database as they were', () =>
  withProject(sources, async (project) => {
    const { stdout } = await project.database(['deploy']);
    await rm(join(project.root, 'test-data.sql'));
    const logs = { PG_LOG_PATH: join(project.root, 'logs') };
    const { status, stderr } = await project.database(['check', '--mock'], logs);
    assert.equal(status, 0, stderr);
    await assert.rejects(access(logs.PG_LOG_PATH), { code: 'ENOENT' });
    assert.deepEqual(await names(urlIn(stdout)), ['patched']);
    await assert.rejects(access(join(project.root, 'test-data.sql')), { code: 'ENOENT' });
  }));

test('several checks run at once', () =>
  withProject(sources, async (project) => {
    const results = await Promise.all([1, 2, 3].map(() => project.database(['check'])));
    assert.deepEqual(
      results.map(({ status }) => status),
      [0, 0, 0],
    );
  }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`a check that is stopped by ${signal} in the middle of a statement removes its cluster`, () =>
    withProject(
      { 'db/src/entrypoint.sql': '\\echo sleeping\nSELECT pg_sleep(60);', 'tmp/.keep': '' },
      async (project) => {
        const tmp = join(project.root, 'tmp');
        const { child, ended } = project.start(['check'], { TMPDIR: tmp });
        await once(child.stdout as NodeJS.ReadableStream, 'data');
        child.kill(signal);
        const { status, stderr } = await ended;
        assert.equal(status, signal === 'SIGINT' ? 130 : 143, stderr);
        assert.deepEqual(await readdir(tmp), ['.keep']);
      },
    ));
}

function urlIn(stdout: string): string {
  return stdout.trim().split('\n').at(-1) as string;
}

test('--dry-run says what would be done, and does nothing', () =>
  withProject(sources, async (project) => {
    for (const argv of [['deploy'], ['init'], ['hydrate'], ['patch'], ['cleanup']]) {
      const { status, stdout, stderr } = await project.database([...argv, '--dry-run']);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^would /);
    }
    await assert.rejects(access(join(project.root, 'pg')), { code: 'ENOENT' });
  }));

test('missing sources are found before the cluster is replaced', () =>
  withProject(sources, async (project) => {
    const { stdout } = await project.database(['deploy']);
    const { status, stderr } = await project.database(['deploy'], { HYDRATE_ENTRYPOINT: 'none.sql' });
    assert.equal(status, 1);
    assert.match(stderr, /cannot read the entrypoint.*none\.sql[\s\S]*hint: .*HYDRATE_ENTRYPOINT/);
    assert.deepEqual(await names(urlIn(stdout)), ['patched']);
  }));

test('a log that cannot be written is named', () =>
  withProject(sources, async (project) => {
    for (const HYDRATE_LOG of [project.root, join(project.root, 'test-data.sql', 'x')]) {
      const { status, stderr } = await project.database(['deploy', '--cleanup'], { HYDRATE_LOG });
      assert.equal(status, 1);
      assert.match(stderr, /error: cannot write .*[\s\S]*hint: HYDRATE_LOG/);
    }
  }));

test('a role or a database that DB_URL names and the running cluster lacks is told with the remedy, which works', () =>
  withProject(sources, async (project) => {
    await project.database(['init']);
    const url = (userAndDatabase: string) => ({
      DB_URL: `postgresql://${userAndDatabase}?host=${project.env.PG_WORKING_DIR}`,
    });
    for (const env of [url('somebody@/shop'), url('/elsewhere')]) {
      const { status, stderr } = await project.database(['hydrate'], env);
      assert.equal(status, 1);
      assert.match(stderr, /error: .* "(somebody|elsewhere)" does not exist\nhint: .*database init --reuse/);
      assert.equal((await project.database(['init', '--reuse'], env)).status, 0);
      const { stdout } = await project.database(['status', '--json'], env);
      assert.equal(JSON.parse(stdout).database.unreachable, undefined);
    }
  }));

test("migrator works on the project's own cluster without DB_URL, too", () =>
  withProject({ 'db/migration/20260101000000-first.sql': '-- migrate:up\nSELECT 1;\n' }, async (project) => {
    const missing = await project.database(['migrator', 'migrate', 'up']);
    assert.equal(missing.status, 3);
    await project.database(['init']);
    const { status, stderr } = await project.database(['migrator', 'migrate', 'up']);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /apply 20260101000000-first/);
  }));
