import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Session } from '../../src/dev/status.js';
import { bin, type Ended, runProgram } from '../support/cluster.js';
import { type TestProject, withProject } from '../support/project.js';

const files = { 'db/src/entrypoint.sql': '', 'db/test/test.sql': '', 'a-file': '', 'a-directory/.keep': '' };

type Given = (root: string) => { argv: readonly string[]; env?: Readonly<Record<string, string>> };

/** What is given, the exit status, and what the message must name: the thing, its place, the remedy. */
type Refusal = readonly [name: string, given: Given, status: number, message: RegExp];

const refusals: readonly Refusal[] = [
  ...['deploy', 'init', 'status', 'test', 'log', 'cleanup', 'hydrate'].map(
    (command): Refusal => [
      `a file as PG_WORKING_DIR of ${command}`,
      (root) => ({ argv: [command], env: { PG_WORKING_DIR: join(root, 'a-file') } }),
      1,
      /a-file[\s\S]*ENOTDIR[\s\S]*hint: .*PG_WORKING_DIR/,
    ],
  ),
  [
    'a DB_URL of another kind, whose password is not repeated',
    () => ({ argv: ['hydrate'], env: { DB_URL: 'mysql://me:hunter2@host/shop' } }),
    1,
    /^error: DB_URL cannot be used: (?![\s\S]*hunter2)[\s\S]*hint: .*postgresql:\/\//,
  ],
  [
    'a PGURL with an option that there is not',
    () => ({ argv: ['deploy'], env: { PGURL: 'postgresql://host/shop?no=such' } }),
    1,
    /PGURL cannot be used: .*"no"/,
  ],
  ['an --url without a host name', () => ({ argv: ['status', '--url', '[::1'] }), 1, /--url cannot be used/],
  [
    'a directory as the entrypoint',
    (root) => ({ argv: ['deploy'], env: { HYDRATE_ENTRYPOINT: join(root, 'a-directory') } }),
    1,
    /entrypoint.*a-directory is a directory[\s\S]*hint: .*HYDRATE_ENTRYPOINT/,
  ],
  [
    'a JUnit report where no file can be',
    (root) => ({ argv: ['test', '--junit', join(root, 'a-directory')] }),
    1,
    /cannot write the JUnit report .*a-directory[\s\S]*hint: --junit/,
  ],
  [
    'a JUnit report below a file',
    (root) => ({ argv: ['test', '--junit', join(root, 'a-file', 'report.xml')] }),
    1,
    /cannot write the JUnit report .*report\.xml/,
  ],
  [
    'a patch file below a file',
    (root) => ({ argv: ['patch', '--edit'], env: { PROFILE_DIR: join(root, 'a-file') } }),
    1,
    /cannot write the patch file .*a-file[\s\S]*hint: .*PROFILE_DIR/,
  ],
  ['tests without a cluster', () => ({ argv: ['test'] }), 3, /DB_URL is not set, and no cluster runs in .*\/pg\n/],
];

test('what cannot be used is refused with its name, its place and the remedy, and nothing is made', async (t) => {
  await withProject(files, async (project) => {
    for (const [name, given, status, message] of refusals) {
      await t.test(name, async () => {
        const { argv, env } = given(project.root);
        const ended = await project.database(argv, env);
        assert.match(ended.stderr, message);
        assert.equal(ended.status, status);
        assert.deepEqual((await readdir(project.root)).sort(), ['a-directory', 'a-file', 'db']);
      });
    }
  });
});

test('a dotenv file that is a directory is named in the warning', () =>
  withProject(files, async (project) => {
    const directory = join(project.root, 'a-directory');
    const { stderr } = await project.database(['hydrate', '--dry-run'], { HECTIC_DOTENV_FILE: directory });
    assert.match(stderr, /warning: no secrets are loaded: cannot read .*a-directory: EISDIR/);
  }));

test('two deployments at once take turns, and both work', () =>
  withProject({ 'db/src/entrypoint.sql': 'CREATE SCHEMA app; SELECT pg_sleep(0.5);' }, async (project) => {
    const both = await Promise.all([project.database(['deploy']), project.database(['deploy', '--cleanup'])]);
    assert.deepEqual(
      both.map(({ status, stderr }) => (status === 0 ? '' : stderr)),
      ['', ''],
    );
    assert.match(both.map(({ stderr }) => stderr).join(''), /waiting for process \d+, which deploys to this cluster/);
  }));

test('a database that DB_URL names without a role is made for the calling user', () =>
  withProject(files, async (project) => {
    const DB_URL = `postgresql:///other?host=${project.env.PG_WORKING_DIR}`;
    const { status, stderr } = await project.database(['deploy'], { DB_URL });
    assert.equal(status, 0, stderr);
  }));

test('a server that is killed in the middle is told without a stack, and the next start recovers', () =>
  withProject({ ...files, 'db/src/entrypoint.sql': 'SELECT pg_sleep(60);' }, async (project) => {
    const { ended } = project.start(['deploy']);
    process.kill(await serverPid(project), 'SIGKILL');
    const { status, stderr } = await ended;
    assert.equal(status, 1);
    assert.match(stderr, /error: .*entrypoint\.sql:1: .*server closed the connection/);
    assert.equal((await project.database(['deploy', '--reuse'])).status, 0);
  }));

/** The server's number once it sleeps in the sources: no other statement of a deployment takes that long. */
async function serverPid(project: TestProject): Promise<number> {
  for (;;) {
    const { stdout } = await project.database(['status', '--json']);
    const { cluster, database } = JSON.parse(stdout);
    const { sessions = [] }: { sessions?: readonly Session[] } = database ?? {};
    if (sessions.some(({ state, seconds }) => state === 'active' && seconds >= 1)) return cluster.pid;
  }
}

test('cleanup leaves what is not its own, in a working directory that holds other things', () =>
  withProject(files, async (project) => {
    await mkdir(join(project.root, 'pg'));
    await project.write({ 'pg/notes.txt': 'mine' });
    await project.database(['init']);
    assert.equal((await project.database(['cleanup'])).status, 0);
    assert.deepEqual(await readdir(join(project.root, 'pg')), ['notes.txt']);
    await rm(join(project.root, 'pg'), { recursive: true });
  }));

/** Runs a line of sh with `database` as its own name for our executable. */
function shell(project: TestProject, line: string): Promise<Ended> {
  const script = `database() { "$BIN/database" "$@"; echo "status $?" >&2; }\n${line}`;
  return runProgram('sh', ['-c', script], { env: { ...project.env, BIN: bin, TMPDIR: join(project.root, 'tmp') } });
}

const much = { 'db/src/entrypoint.sql': "SELECT repeat('x', 100) FROM generate_series(1, 20000);", 'tmp/.keep': '' };

test('a check whose output nobody reads to its end goes on, and removes its cluster', () =>
  withProject({ ...files, ...much }, async (project) => {
    const { stdout, stderr } = await shell(project, 'database check | head -n 1');
    assert.match(stdout, /repeat/);
    assert.match(stderr, /status 0\n$/);
    assert.deepEqual(await readdir(join(project.root, 'tmp')), ['.keep']);
  }));

const noFullDevice = existsSync('/dev/full') ? false : 'there is no /dev/full';

test('output that cannot be written is an error, and the check still removes its cluster', { skip: noFullDevice }, () =>
  withProject({ ...files, ...much }, async (project) => {
    for (const command of ['check', '--help']) {
      const { stderr } = await shell(project, `database ${command} > /dev/full`);
      assert.match(stderr, /error: cannot write the output: ENOSPC.*\nstatus 1\n$/);
    }
    assert.deepEqual(await readdir(join(project.root, 'tmp')), ['.keep']);
    const { stderr } = await shell(project, 'HYDRATE_LOG=/dev/full database deploy');
    assert.match(stderr, /cannot write \/dev\/full/);
  }),
);
