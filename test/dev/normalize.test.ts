import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Cluster } from '../../src/cluster/cluster.js';
import { serverProcesses } from '../../src/cluster/server.js';
import { refuseNesting } from '../../src/dev/normalize/places.js';
import { query, urlOf, withCluster, withDirectory } from '../support/cluster.js';
import { type TestProject, withProject } from '../support/project.js';

const plain = { PG_SHARED_PRELOAD_LIBRARIES: '' };
const { username } = userInfo();
const inputOf = ({ root }: TestProject) => join(root, 'focus', 'postgresql-backup');
const outputOf = (project: TestProject) => `${inputOf(project)}-normalized`;

async function succeed(project: TestProject, argv: readonly string[], env = {}) {
  const ended = await project.database(argv, { ...plain, ...env });
  assert.equal(ended.status, 0, ended.stderr);
  return ended;
}

/** Makes a server look like one of production: other roles, a tablespace elsewhere, a subscription, a collation of another library. */
async function furnish({ url }: Cluster, outside: string): Promise<string> {
  await mkdir(outside);
  for (const sql of [
    "CREATE ROLE prod_admin SUPERUSER LOGIN PASSWORD 'hunter2'",
    'CREATE ROLE app LOGIN',
    'CREATE DATABASE live OWNER app',
    `CREATE TABLESPACE far LOCATION '${outside}'`,
  ]) {
    await query(url, sql);
  }
  const live = url.replace('/testdb?', '/live?').replace(`//${username}@`, '//prod_admin@');
  for (const sql of [
    `ALTER ROLE "${username}" RENAME TO bootstrap`,
    'ALTER ROLE bootstrap NOLOGIN',
    "CREATE TABLE kept TABLESPACE far AS SELECT 'live' AS state",
    'CREATE TABLE sorted (name text COLLATE "en-x-icu" PRIMARY KEY)',
    "UPDATE pg_collation SET collversion = '1' WHERE collname = 'en-x-icu'",
    "CREATE SUBSCRIPTION feed CONNECTION 'host=203.0.113.1' PUBLICATION x WITH (connect = false)",
    'ALTER SUBSCRIPTION feed ENABLE',
  ]) {
    await query(live, sql);
  }
  return live;
}

const production = `
data_directory = '/var/lib/postgresql/18/main'
hba_file = '/etc/postgresql/18/main/pg_hba.conf'
include_dir = '/etc/postgresql/18/main/conf.d'
ssl = on
ssl_cert_file = '/etc/ssl/none.pem'
archive_mode = on
archive_command = 'false'
timezone = 'Asia/Tokyo'
shared_preload_libraries = 'pg_stat_statements, no_such_library'
`;
const recovery = `
primary_conninfo = 'host=203.0.113.1 password=hunter2'
restore_command = 'false'
recovery_target_time = '2020-01-01'
`;

/** Gives the archive what a standby's has. */
async function makeRaw(backup: string): Promise<void> {
  await writeFile(join(backup, 'postgresql.conf'), production);
  await writeFile(join(backup, 'postgresql.auto.conf'), recovery);
  await writeFile(join(backup, 'pg_hba.conf'), 'local all all reject\n');
  const script =
    'mkdir x && tar xzf base.tar.gz -C x && mv postgresql.conf postgresql.auto.conf pg_hba.conf x && cd x && ' +
    'rm slipway.conf && touch standby.signal && tar cf - . | gzip -1 > ../base.tar.gz && rm -rf ../x';
  assert.equal(spawnSync('sh', ['-ec', script], { cwd: backup }).status, 0);
  for (const name of ['backup_manifest', 'database_name']) await rm(join(backup, name));
}

/** Lends a project whose backup is one of production, raw. */
function withRawBackup(use: (project: TestProject) => Promise<void>): Promise<void> {
  return withProject({}, (project) =>
    withCluster(async (cluster) => {
      const live = await furnish(cluster, join(project.root, 'outside'));
      await succeed(project, ['backup', '--url', live]);
      await makeRaw(inputOf(project));
      await use(project);
    }),
  );
}

const leftIn = async (project: TestProject) =>
  (await readdir(join(project.root, 'focus'))).filter((name) => !/^postgresql-backup(-normalized)?$/.test(name));

const canMount =
  process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

/** How many moments are tried. */
const kills = Number(process.env.BACKUP_KILLS ?? 1);

test('a raw production backup becomes one that restores here', (t) =>
  withRawBackup(async (project) => {
    await t.test('as it is, it is refused with the way out', async () => {
      const { status, stderr } = await project.database(['restore'], plain);
      assert.match(stderr, /of a standby, or made for recovery: it holds standby\.signal[\s\S]*normalize-backup/);
      assert.equal(status, 1);
    });
    await t.test('what stands in the way is dropped, and told', async () => {
      const { stderr, stdout } = await succeed(project, ['normalize-backup', '--database', 'live', '--role', 'app']);
      assert.equal(stdout, `${outputOf(project)}\n`);
      assert.match(stderr, /warning: no_such_library is not installed/);
      assert.match(stderr, /reindexed live/);
      assert.match(stderr, /warning: the subscription feed is disabled/);
      assert.doesNotMatch(stderr, /hunter2/);
      assert.equal(await readFile(join(outputOf(project), 'database_name'), 'utf8'), 'live\n');
      assert.deepEqual(await leftIn(project), []);
    });
    await t.test('it restores', async () => {
      await succeed(project, ['restore', outputOf(project)]);
      const url = await urlOf(project.env.PG_WORKING_DIR as string, { database: 'live' });
      assert.equal(await query(url, 'SELECT state FROM kept'), 'live');
      const stale = 'SELECT count(*)::int FROM pg_collation WHERE collversion <> pg_collation_actual_version(oid)';
      assert.equal(await query(url, stale), 0);
      assert.equal(
        await query(url, "SELECT subenabled::text || ' ' || coalesce(subslotname, '-') FROM pg_subscription"),
        'false -',
      );
      assert.equal(
        await query(url, "SELECT current_setting('timezone') || current_setting('archive_mode')"),
        'Asia/Tokyooff',
      );
      assert.equal(await query(url, 'SELECT pg_is_in_recovery()'), false);
      assert.equal(await query(url.replace(`${username}@`, 'app@'), 'SELECT current_user'), 'app');
      assert.equal(await query(url, "SELECT count(*)::int FROM pg_file_settings WHERE name LIKE 'primary%'"), 0);
    });
    await t.test('a superuser that the backup does not have is told', async () => {
      const { status, stderr } = await project.database(['normalize-backup', '--admin-role', 'nobody_here'], plain);
      assert.match(stderr, /role "nobody_here" does not exist/);
      assert.equal(status, 1);
      assert.equal(await readFile(join(outputOf(project), 'database_name'), 'utf8'), 'live\n');
      assert.deepEqual(await leftIn(project), []);
    });
    await t.test(
      'killed at any moment it leaves the output that was there, and the next run clears the rest away',
      async () => {
        const before = await readFile(join(outputOf(project), 'backup_manifest'));
        for (const step of ['start a copy', 'put the copy right'].slice(0, kills)) {
          const { child, ended } = project.start(['normalize-backup'], plain);
          child.stderr?.on('data', (text: Buffer) => {
            if (text.toString().includes(step)) child.kill('SIGKILL');
          });
          await ended;
          assert.ok(before.equals(await readFile(join(outputOf(project), 'backup_manifest'))), step);
        }
        const copies = (await leftIn(project)).filter((name) => name.startsWith('slipway-'));
        assert.notDeepEqual(copies, []);
        await succeed(project, ['normalize-backup', '--admin-role', 'prod_admin', '--database', 'fresh']);
        assert.equal(await readFile(join(outputOf(project), 'database_name'), 'utf8'), 'fresh\n');
        assert.deepEqual(await leftIn(project), []);
        for (const name of copies)
          assert.deepEqual(await serverProcesses(join(project.root, 'focus', name, 'data')), []);
      },
    );
    await t.test('a disk that is too small', { skip: !canMount && 'needs root and mount' }, async () => {
      const disk = join(project.root, 'disk');
      await mkdir(disk);
      assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', disk]).status, 0);
      try {
        await mkdir(join(disk, 'out'));
        await cp(join(outputOf(project), 'database_name'), join(disk, 'out', 'database_name'));
        const { status, stderr } = await project.database(['normalize-backup', '-o', join(disk, 'out')], plain);
        assert.match(stderr, /is full|MiB left/);
        assert.equal(status, 1);
        assert.deepEqual(await readdir(disk), ['out']);
        assert.deepEqual(await readdir(join(disk, 'out')), ['database_name']);
      } finally {
        spawnSync('umount', ['-l', disk]);
      }
    });
  }));

test('input and output may not contain one another, also by a link', () =>
  withDirectory(async (directory) => {
    await mkdir(join(directory, 'raw'));
    await symlink(join(directory, 'raw'), join(directory, 'link'));
    const at = (path: string) => join(directory, path);
    for (const [input, output] of [
      ['raw', 'raw'],
      ['raw', 'raw/out'],
      ['raw/in', 'raw'],
      ['raw', 'link/new'],
      ['link', 'raw'],
    ] as const) {
      assert.throws(() => refuseNesting(at(input), at(output)), /must not contain one another/, `${input} ${output}`);
    }
    for (const output of ['raw-normalized', 'new/deep', '..raw']) refuseNesting(at('raw'), at(output));
  }));
