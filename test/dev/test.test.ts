import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { withClient } from '../../src/postgres/client.js';
import { type TestProject, withProject } from '../support/project.js';

const deployed = {
  'db/src/entrypoint.sql': `CREATE TABLE item (name text UNIQUE) INHERITS (hectic.created_at);
INSERT INTO item (name) VALUES ('a');
`,
  'test-data.sql': '',
};

const passing = {
  'db/test/test.sql': "INSERT INTO item (name) VALUES ('only here');\nSELECT '1..1'; SELECT 'ok 1 - inserts';\n",
  'db/test/deep/er/constraint.test.sql': `DO $$ BEGIN
  ASSERT (SELECT count(*) FROM item) = 1, 'sees the deployed rows and no other test';
END $$;
`,
  'db/test/not-a-test.sql': 'SELECT bad;',
};

const failing = {
  'db/test/error.test.sql': "SELECT 1;\nINSERT INTO item (name) VALUES ('a');\n",
  'db/test/tap.test.sql': "SELECT '1..2'; SELECT 'ok 1 - fine'; SELECT 'not ok 2 - sum is right';\n",
};

test('test runs test.sql and every *.test.sql, each in its own clone, and leaves the database alone', () =>
  withProject({ ...deployed, ...passing }, async (project) => {
    const url = await deploy(project);
    const { status, stdout, stderr } = await project.database(['test']);
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /ok deep\/er\/constraint\.test\.sql/);
    assert.match(stdout, /ok test\.sql \(1 assertions/);
    assert.match(stdout, /^2 passed, 0 failed$/m);
    assert.deepEqual(await itemsAndClones(url), { items: 1, clones: 0 });
  }));

test('test works while an application is connected, before and after the snapshot is there', () =>
  withProject({ ...deployed, ...passing }, async (project) => {
    const url = await deploy(project);
    await withClient(url, async (application) => {
      await application.query('SELECT 1');
      assert.equal((await project.database(['test'])).status, 0);
      const hydrated = await project.database(['patch']);
      assert.equal(hydrated.status, 0, hydrated.stderr);
      const { status, stdout, stderr } = await project.database(['test']);
      assert.equal(status, 0, stdout + stderr);
      assert.match(stderr, /in use/);
    });
    assert.deepEqual(await itemsAndClones(url), { items: 1, clones: 0 });
  }));

test('a failing file is reported with its place, the others still run, and the status is 1', () =>
  withProject({ ...deployed, ...passing, ...failing }, async (project) => {
    await deploy(project);
    const junit = join(project.root, 'report.xml');
    const { status, stdout } = await project.database(['test', '--junit', junit]);
    assert.equal(status, 1);
    assert.match(stdout, /not ok error\.test\.sql[\s\S]*error\.test\.sql:2[\s\S]*duplicate key value/);
    assert.match(stdout, /not ok tap\.test\.sql \(2 assertions[\s\S]*not ok: sum is right/);
    assert.match(stdout, /^2 passed, 2 failed$/m);
    const xml = await readFile(junit, 'utf8');
    assert.match(xml, /<testsuites tests="4" failures="2"/);
    assert.match(xml, /<failure message="[^"]*sum is right"/);
  }));

test('--tap prints nothing but TAP', () =>
  withProject({ ...deployed, ...passing, ...failing }, async (project) => {
    await deploy(project);
    const { status, stdout } = await project.database(['test', '--tap']);
    assert.equal(status, 1);
    const points = stdout.split('\n').filter((line) => /^(not )?ok /.test(line));
    assert.deepEqual(
      points.map((line) => line.replace(/ #.*/, '')),
      ['ok 1 - deep/er/constraint.test.sql', 'not ok 2 - error.test.sql', 'not ok 3 - tap.test.sql', 'ok 4 - test.sql'],
    );
    assert.match(stdout, /^TAP version 14\n1\.\.4\n/);
  }));

test('--keep keeps the clone of a failing file until the next run, and prints its URL', () =>
  withProject({ ...deployed, ...failing }, async (project) => {
    const url = await deploy(project);
    const { stdout } = await project.database(['test', '--keep', 'error']);
    const kept = /its database is kept: (\S+)/.exec(stdout)?.[1] as string;
    assert.equal(await withClient(kept, async (client) => (await client.query('TABLE item')).rowCount), 1);
    await project.database(['test']);
    assert.deepEqual(await itemsAndClones(url), { items: 1, clones: 0 });
  }));

const refusals: readonly [
  name: string,
  files: Record<string, string>,
  argv: string[],
  status: number,
  message: RegExp,
][] = [
  ['no tests', deployed, ['test'], 1, /no tests: .*test\.sql/],
  [
    'a part that no path contains',
    { ...deployed, ...passing },
    ['test', 'nope'],
    9,
    /no test's path contains 'nope'[\s\S]*constraint/,
  ],
];

for (const [name, files, argv, expected, message] of refusals) {
  test(`${name}: status ${expected}`, () =>
    withProject(files, async (project) => {
      await deploy(project);
      const { status, stderr } = await project.database(argv);
      assert.match(stderr, message);
      assert.equal(status, expected);
    }));
}

test('settings of the database hold in the clones', () =>
  withProject(
    {
      'db/src/entrypoint.sql': `ALTER DATABASE shop SET search_path = "$user", "my app", public;
ALTER DATABASE shop SET hectic.inheritance_extra_excluded_schemas = 'legacy,etl';
`,
      'db/test/test.sql': `DO $$ BEGIN
  ASSERT current_setting('search_path') = '"$user", "my app", public', current_setting('search_path');
  ASSERT current_setting('hectic.inheritance_extra_excluded_schemas') = 'legacy,etl';
END $$;
`,
    },
    async (project) => {
      await deploy(project);
      const { status, stdout } = await project.database(['test']);
      assert.equal(status, 0, stdout);
    },
  ));

async function deploy(project: TestProject): Promise<string> {
  const { status, stdout, stderr } = await project.database(['deploy']);
  assert.equal(status, 0, stderr);
  return stdout.trim().split('\n').at(-1) as string;
}

async function itemsAndClones(url: string): Promise<{ items: number; clones: number }> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ items: string; clones: string }>(
      `SELECT (SELECT count(*) FROM item) AS items,
              (SELECT count(*) FROM pg_database WHERE datname ~ '^slipway_(test|draft)') AS clones`,
    );
    return { items: Number(rows[0]?.items), clones: Number(rows[0]?.clones) };
  });
}

test('what a killed run left is removed by the next one', () =>
  withProject({ ...deployed, 'db/test/test.sql': '\\! kill -9 $PPID\n' }, async (project) => {
    const url = await deploy(project);
    const { child, ended } = project.start(['test']);
    await ended;
    assert.equal(child.signalCode, 'SIGKILL');
    assert.deepEqual(await itemsAndClones(url), { items: 1, clones: 1 });
    await project.write({ 'db/test/test.sql': 'SELECT 1;' });
    assert.equal((await project.database(['test'])).status, 0);
    assert.deepEqual(await itemsAndClones(url), { items: 1, clones: 0 });
  }));

test('Ctrl-C in the middle of a test removes its clone', () =>
  withProject({ ...deployed, 'db/test/test.sql': 'SELECT pg_sleep(60);' }, async (project) => {
    const url = await deploy(project);
    const { child, ended } = project.start(['test']);
    while ((await itemsAndClones(url)).clones === 0) await setTimeout(20);
    child.kill('SIGINT');
    assert.equal((await ended).status, 130);
    assert.deepEqual(await itemsAndClones(url), { items: 1, clones: 0 });
  }));
