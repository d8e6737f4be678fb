import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverProcesses } from '../../src/cluster/server.js';
import { query, urlOf } from '../support/cluster.js';
import { type TestProject, withProject } from '../support/project.js';

const plain = { PG_SHARED_PRELOAD_LIBRARIES: '' };

const backupOf = ({ root }: TestProject) => join(root, 'focus', 'postgresql-backup');
const workingDirOf = ({ env }: TestProject) => env.PG_WORKING_DIR as string;
const url = (project: TestProject) => urlOf(workingDirOf(project), { database: 'shop' });
const state = async (project: TestProject) => query(await url(project), 'SELECT state FROM kept');
const change = async (project: TestProject, to: string) => query(await url(project), `UPDATE kept SET state = '${to}'`);

async function succeed(project: TestProject, argv: readonly string[], env = {}) {
  const ended = await project.database(argv, { ...plain, ...env });
  assert.equal(ended.status, 0, ended.stderr);
  return ended;
}

/** Lends a project with a cluster and a table in it. */
function withTable(use: (project: TestProject) => Promise<void>): Promise<void> {
  return withProject({}, async (project) => {
    await succeed(project, ['init']);
    await query(await url(project), "CREATE TABLE kept AS SELECT 'first' AS state");
    await use(project);
  });
}

/** Lends a project that has been backed up, and then changed. */
function withBackup(use: (project: TestProject) => Promise<void>): Promise<void> {
  return withTable(async (project) => {
    await succeed(project, ['backup']);
    await change(project, 'second');
    await use(project);
  });
}

/** Names beside the backup: what a run left. */
const beside = async (project: TestProject) => (await readdir(dirname(backupOf(project)))).sort();

test('a restore brings back what was backed up, names the database, and keeps the data that was there', () =>
  withBackup(async (project) => {
    assert.deepEqual((await readdir(backupOf(project))).sort(), ['backup_manifest', 'base.tar.gz', 'database_name']);
    assert.equal(await readFile(join(backupOf(project), 'database_name'), 'utf8'), 'shop\n');
    const { stdout, stderr } = await succeed(project, ['restore'], { PG_DATABASE: 'another' });
    assert.match(stdout, /^postgresql:\/\/.*@\/shop\?/);
    assert.match(stderr, /every checksum is right/);
    assert.equal(await state(project), 'first');
    const aside = /the data that was there is in (.*)/.exec(stderr)?.[1] as string;
    assert.match(await readFile(join(aside, 'PG_VERSION'), 'utf8'), /^\d+\n$/);
    // What was kept is a data directory like any other, and so is a backup of its own.
    await succeed(project, ['restore', aside]);
    assert.equal(await state(project), 'second');
    assert.deepEqual(await beside(project), ['postgresql-backup']);
  }));

test('tablespaces go with a backup and come back inside the data directory, wherever they were', () =>
  withTable(async (project) => {
    const outside = join(project.root, 'outside');
    await mkdir(outside);
    await query(await url(project), `CREATE TABLESPACE far LOCATION '${outside}'`);
    await query(await url(project), 'ALTER TABLE kept SET TABLESPACE far');
    for (const turn of ['first', 'again']) {
      await succeed(project, ['backup']);
      await succeed(project, ['restore']);
      assert.equal(await state(project), 'first', turn);
      assert.match(String(await query(await url(project), "SELECT pg_relation_filepath('kept')")), /^pg_tblspc\//);
    }
  }));

/** Makes the archive again after a change to its content. */
function repack(project: TestProject, edit: string): void {
  const script = `mkdir x && tar xzf base.tar.gz -C x && cd x && ${edit} && tar cf - . | gzip -1 > ../base.tar.gz && rm -rf ../x`;
  assert.equal(spawnSync('sh', ['-ec', script], { cwd: backupOf(project) }).status, 0);
}

const base = (backup: string) => join(backup, 'base.tar.gz');
const manifest = (backup: string) => join(backup, 'backup_manifest');

async function refused(project: TestProject, argv: readonly string[], message: RegExp, env = {}) {
  const { status, stderr } = await project.database(['restore', ...argv], { ...plain, ...env });
  assert.match(stderr, message);
  assert.match(stderr, /^hint: /m);
  assert.notEqual(status, 0);
  assert.equal(await state(project), 'second');
  assert.deepEqual(asideIn(await readdir(workingDirOf(project))), []);
}

test('what cannot be restored is refused, and the cluster keeps running with its own data', (t) =>
  withBackup(async (project) => {
    await t.test('a path where nothing is', () => refused(project, ['/no/where'], /there is no backup in \/no\/where/));
    await t.test('the data directory of a server', () =>
      refused(project, [join(workingDirOf(project), 'data')], /of a server, not a backup/),
    );
    await t.test('a server of another version', async () => {
      const PG_BIN_DIR = join(project.root, 'bin');
      await mkdir(PG_BIN_DIR);
      for (const name of ['initdb', 'postgres']) {
        await writeFile(join(PG_BIN_DIR, name), `#!/bin/sh\necho '${name} (PostgreSQL) 14.9'\n`);
        await chmod(join(PG_BIN_DIR, name), 0o755);
      }
      await refused(project, [], /the backup is of PostgreSQL \d+, but the server is 14\.9/, { PG_BIN_DIR });
    });
    await t.test('a backup that has changed since it was made', async () => {
      repack(project, 'echo "no such line" >> postgresql.conf');
      await refused(project, [], /damaged\n {2}postgresql\.conf has \d+ bytes, not \d+/);
    });
    await t.test('data that does not start', async () => {
      await rm(manifest(backupOf(project)));
      await refused(project, [], /it has no checksums[\s\S]*refuses the configuration[\s\S]*syntax error/);
    });
    await t.test('data that starts, but not as a server', async () => {
      repack(project, "sed -i 's/no such line/listen_addresses = \\x27203.0.113.1\\x27/' postgresql.conf");
      await refused(project, [], /could not create any TCP\/IP sockets|could not bind/);
    });
    await t.test('a backup of a standby', async () => {
      repack(project, 'touch standby.signal');
      await refused(project, [], /of a standby[\s\S]*hint: .*normalize-backup/);
    });
  }));

const asideIn = (names: readonly string[]) => names.filter((name) => name.startsWith('data.'));

test('backups are refused where they cannot be made, with the remedy, and the old one stays', (t) =>
  withBackup(async (project) => {
    const before = await readFile(base(backupOf(project)));
    const server = await url(project);
    await query(server, 'CREATE ROLE plain LOGIN');
    const stranger = join(project.root, 'stranger');
    await mkdir(stranger);
    await writeFile(join(stranger, 'thesis.txt'), 'years of work');
    const asPlain = server.replace(/\/\/[^@]*@/, '//plain@');
    const cases: readonly [what: string, argv: string[], message: RegExp][] = [
      ['a directory that holds something else', [stranger], /holds thesis\.txt.*not replaced\nhint: Nothing/],
      ['a place inside the data', [join(workingDirOf(project), 'data', 'x')], /inside the server's data directory/],
      ['a role that may not replicate', ['--url', asPlain], /allows no base backup[\s\S]*hint: .*REPLICATION/],
      ['a server that is not there', ['--url', 'postgresql:///x?host=/nowhere'], /\/nowhere\/\.s\.PGSQL\.5432" failed/],
    ];
    for (const [what, argv, message] of cases) {
      await t.test(what, async () => {
        const { status, stderr } = await project.database(['backup', ...argv], plain);
        assert.match(stderr, message);
        assert.notEqual(status, 0);
      });
    }
    await t.test('a server without senders', async () => {
      await query(server, 'ALTER SYSTEM SET max_wal_senders = 0');
      await project.database(['init', '--reuse'], { ...plain, PG_PORT: '5433' });
      const { stderr } = await project.database(['backup'], { ...plain, PG_PORT: '5433' });
      assert.match(stderr, /allows no base backup: .*max_wal_senders[\s\S]*hint: .*max_wal_senders/);
    });
    assert.ok(before.equals(await readFile(base(backupOf(project)))));
    assert.equal(await readFile(join(stranger, 'thesis.txt'), 'utf8'), 'years of work');
    assert.deepEqual(await beside(project), ['postgresql-backup']);
  }));

/** Waits for something that a running command does; false when the command has ended before. */
async function until(condition: () => Promise<boolean>, ended: Promise<unknown>): Promise<boolean> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  while (!(await condition())) {
    if (isOver) return false;
    await sleep(2);
  }
  return true;
}

/** Milliseconds after the work has visibly begun. */
const moments = Array.from({ length: Number(process.env.BACKUP_KILLS ?? 2) }, (_, index) => index * index * 60);

test('a backup that is killed at any moment leaves the old one, and the next run clears the rest away', () =>
  withBackup(async (project) => {
    for (const ms of moments) {
      const before = await readFile(manifest(backupOf(project)));
      const { child, ended } = project.start(['backup'], plain);
      await until(async () => existsSync(`${backupOf(project)}.draft`), ended);
      await sleep(ms);
      child.kill('SIGKILL');
      const { status } = await ended;
      const place = existsSync(backupOf(project)) ? backupOf(project) : `${backupOf(project)}.previous`;
      if (status !== 0) assert.ok(existsSync(base(place)), `after ${ms} ms`);
      if (place === backupOf(project) && existsSync(`${place}.draft`)) {
        assert.ok(before.equals(await readFile(manifest(place))), `after ${ms} ms`);
      }
    }
    await succeed(project, ['restore']);
    await succeed(project, ['backup']);
    assert.deepEqual(await beside(project), ['postgresql-backup']);
  }));

for (const [signal, status] of [['SIGTERM', 143]] as const) {
  test(`${signal} ends a backup and a restore with status ${status} and without a trace`, () =>
    withBackup(async (project) => {
      const backup = project.start(['backup'], plain);
      assert.ok(await until(async () => existsSync(`${backupOf(project)}.draft`), backup.ended));
      backup.child.kill(signal);
      assert.equal((await backup.ended).status, status);
      assert.deepEqual(await beside(project), ['postgresql-backup']);
      const restore = project.start(['restore'], plain);
      assert.ok(await until(async () => (await draftsOf(project)).length > 0, restore.ended));
      restore.child.kill(signal);
      assert.equal((await restore.ended).status, status);
      assert.deepEqual(await draftsOf(project), []);
      assert.equal(await state(project), 'second');
    }));
}

const draftsOf = async (project: TestProject) =>
  (await readdir(join(workingDirOf(project), '.slipway'))).filter((name) => /^(draft|old|replacing)/.test(name));

test('a restore that is killed at any moment leaves one whole cluster, old or new, and nothing else', () =>
  withBackup(async (project) => {
    for (const ms of moments) {
      const { child, ended } = project.start(['restore'], plain);
      await until(async () => (await draftsOf(project)).length > 0, ended);
      await sleep(ms);
      child.kill('SIGKILL');
      await ended;
      await succeed(project, ['init', '--reuse']);
      assert.match(String(await state(project)), /^(first|second)$/, `after ${ms} ms`);
      assert.deepEqual(await draftsOf(project), [], `after ${ms} ms`);
      await change(project, 'second');
    }
    const { dataDirs, servers } = await running(project);
    for (const directory of dataDirs.filter((name) => name !== 'data')) assert.deepEqual(servers[directory], []);
    await succeed(project, ['restore']);
    assert.equal(await state(project), 'first');
  }));

async function running(project: TestProject) {
  const dataDirs = (await readdir(workingDirOf(project))).filter((name) => name.startsWith('data'));
  const servers: Record<string, number[]> = {};
  for (const name of dataDirs) servers[name] = await serverProcesses(join(workingDirOf(project), name));
  return { dataDirs, servers };
}

const canMount =
  process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const skip = !canMount && 'needs root and mount';

/** Lends a small disk of its own. */
async function withDisk(project: TestProject, mebibytes: number, use: (disk: string) => Promise<void>): Promise<void> {
  const disk = join(project.root, 'disk');
  await mkdir(disk);
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', disk]).status, 0);
  try {
    await use(disk);
  } finally {
    await project.database(['cleanup'], { PG_WORKING_DIR: join(disk, 'pg') });
    spawnSync('umount', ['-l', disk]);
  }
}

test('a disk that fills up during a backup leaves the old backup', { skip }, () =>
  withBackup((project) =>
    withDisk(project, 9, async (disk) => {
      const path = join(disk, 'backup');
      await succeed(project, ['backup', path]);
      const before = await readFile(base(path));
      await query(await url(project), 'CREATE TABLE big AS SELECT gen_random_uuid() FROM generate_series(1, 200000)');
      const { status, stderr } = await project.database(['backup', path], plain);
      assert.match(stderr, /the disk that holds .*backup is full\n[\s\S]*hint: Free some space/);
      assert.equal(status, 1);
      assert.ok(before.equals(await readFile(base(path))));
      assert.deepEqual(await readdir(disk), [basename(path)]);
    }),
  ),
);

test('a disk that is too small for a restore is told before anything is touched', { skip }, () =>
  withBackup((project) =>
    withDisk(project, 40, async (disk) => {
      const PG_WORKING_DIR = join(disk, 'pg');
      const { status, stderr } = await project.database(['restore', backupOf(project)], { ...plain, PG_WORKING_DIR });
      assert.match(stderr, /the backup needs \d+ MiB, and the disk of .* has \d+ MiB left\nhint: Nothing was changed/);
      assert.equal(status, 1);
      assert.deepEqual(asideIn(await readdir(PG_WORKING_DIR)), []);
    }),
  ),
);

test('a disk that fills up during a restore leaves the cluster with its data', { skip }, () =>
  withBackup((project) =>
    withDisk(project, 180, async (disk) => {
      const env = { ...plain, PG_WORKING_DIR: join(disk, 'pg') };
      await succeed(project, ['init'], env);
      // What the archive holds is more than its first look told: the disk fills while it is unpacked.
      await copyFile(base(backupOf(project)), join(disk, 'ballast'));
      const filler = project.start(['restore', backupOf(project)], env);
      await until(async () => (await draftsIn(env.PG_WORKING_DIR)).length > 0, filler.ended);
      spawnSync('dd', ['if=/dev/zero', `of=${disk}/ballast`, 'bs=1M'], { stdio: 'ignore' });
      const { status, stderr } = await filler.ended;
      await rm(join(disk, 'ballast'));
      assert.match(stderr, /is full|no space left/i);
      assert.equal(status, 1);
      assert.equal(await query(await urlOf(env.PG_WORKING_DIR, { database: 'shop' }), 'SELECT 1'), 1);
      assert.deepEqual(await draftsIn(env.PG_WORKING_DIR), []);
    }),
  ),
);

const draftsIn = async (workingDir: string) =>
  (await readdir(join(workingDir, '.slipway'))).filter((name) => name.startsWith('draft'));
