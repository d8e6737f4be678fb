import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { create } from 'tar/create';
import { examineBackup } from '../../src/dev/backup/examine.js';
import { openBackup } from '../../src/dev/backup/source.js';
import { withDirectory } from '../support/cluster.js';

/** What makes a data directory, as small as it can be. */
const content: Readonly<Record<string, string>> = {
  PG_VERSION: '18\n',
  backup_label: 'START WAL LOCATION: 0/2000028\n',
  'postgresql.conf': "work_mem = '4MB'\n",
  'base/1/1259': 'x'.repeat(100_000),
  'global/pg_control': 'c'.repeat(8192),
  'pg_wal/000000010000000000000002': 'w'.repeat(1000),
};

/** Makes a backup of files; the manifest describes what stands in `content`. */
async function pack(directory: string, files: Readonly<Record<string, string>>, gzip = true): Promise<void> {
  const data = join(directory, 'data');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(data, path)), { recursive: true });
    await writeFile(join(data, path), text);
  }
  await mkdir(join(directory, 'backup'), { recursive: true });
  const file = join(directory, 'backup', gzip ? 'base.tar.gz' : 'base.tar');
  await create({ cwd: data, file, gzip, portable: true }, ['.']);
  await writeFile(join(directory, 'backup', 'backup_manifest'), manifestOf(content));
}

function manifestOf(files: Readonly<Record<string, string>>): string {
  const listed = Object.entries(files).filter(([path]) => !path.startsWith('pg_wal/'));
  const list = listed.map(([Path, text]) =>
    JSON.stringify({ Path, Size: text.length, 'Checksum-Algorithm': 'SHA256', Checksum: sha256(text) }),
  );
  const body = `{ "PostgreSQL-Backup-Manifest-Version": 2,\n"Files": [\n${list.join(',\n')}],\n`;
  return `${body}"Manifest-Checksum": "${sha256(body)}"}\n`;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const examine = async (path: string, archive = false) => examineBackup(await openBackup(path, { archive }));

test('a backup tells its version, its size, what it needs and what its configuration says', () =>
  withDirectory(async (directory) => {
    for (const gzip of [true, false]) {
      await rm(join(directory, 'backup'), { recursive: true, force: true });
      await pack(directory, content, gzip);
      const facts = await examine(join(directory, 'backup'));
      assert.equal(facts.major, 18);
      assert.equal(facts.files, 6);
      assert.equal(facts.bytes, Object.values(content).join('').length);
      assert.equal(facts.conf, content['postgresql.conf']);
      assert.deepEqual([facts.verified, facts.needsWal, facts.walSegments, facts.signals], [true, true, 1, []]);
    }
    const byFile = await examine(join(directory, 'backup', 'base.tar'));
    assert.equal(byFile.verified, true);
  }));

test('a plain data directory is a backup too, its links followed, unless archives are asked for', () =>
  withDirectory(async (directory) => {
    await pack(directory, content);
    const data = join(directory, 'data');
    await mkdir(join(directory, 'far', 'PG_18_1'), { recursive: true });
    await writeFile(join(directory, 'far', 'PG_18_1', '9'), 'far');
    await mkdir(join(data, 'pg_tblspc'));
    await symlink(join(directory, 'far'), join(data, 'pg_tblspc', '16385'));
    const facts = await examine(data);
    assert.deepEqual([facts.files, facts.verified, facts.tablespaces], [7, false, ['16385']]);
    await assert.rejects(examine(data, true), /has no base\.tar\.gz$/);
  }));

test('WAL and tablespaces may be archives of their own', () =>
  withDirectory(async (directory) => {
    const { 'pg_wal/000000010000000000000002': wal = '', ...rest } = content;
    await pack(directory, rest);
    const backup = join(directory, 'backup');
    await assert.rejects(examine(backup), /its WAL is missing/);
    for (const [archive, name] of [
      ['pg_wal.tar', '000000010000000000000002'],
      ['16385.tar', 'PG_18_1'],
    ] as const) {
      await writeFile(join(directory, name), wal);
      await create({ cwd: directory, file: join(backup, archive), portable: true }, [name]);
    }
    await rm(join(backup, 'backup_manifest'));
    const facts = await examine(backup);
    assert.deepEqual([facts.walSegments, facts.tablespaces, facts.verified], [1, ['16385'], false]);
  }));

const without = (path: string) => Object.fromEntries(Object.entries(content).filter(([name]) => name !== path));
const inBackup = (directory: string, name: string) => join(directory, 'backup', name);

async function edit(path: string, change: (all: Buffer) => Buffer): Promise<void> {
  await writeFile(path, change(await readFile(path)));
}

function flipped(all: Buffer): Buffer {
  const middle = Math.floor(all.length / 2);
  return Buffer.concat([all.subarray(0, middle), Buffer.from([(all[middle] ?? 0) ^ 0x55]), all.subarray(middle + 1)]);
}

type Case = readonly [
  what: string,
  files: Readonly<Record<string, string>>,
  damage: (at: string) => unknown,
  message: RegExp,
];
const nothing = () => undefined;

const cases: readonly Case[] = [
  [
    'cut off',
    content,
    (at) => edit(inBackup(at, 'base.tar.gz'), (all) => all.subarray(0, all.length / 2)),
    /base\.tar\.gz is not a whole tar file: unexpected end/,
  ],
  ['with a wrong byte', content, (at) => edit(inBackup(at, 'base.tar.gz'), flipped), /is damaged|is not a whole/],
  [
    'with a file of another size',
    { ...content, PG_VERSION: '18.1\n' },
    nothing,
    /damaged\n {2}PG_VERSION has 5 bytes, not 3$/,
  ],
  [
    'with a file of other content',
    { ...content, PG_VERSION: '17\n' },
    nothing,
    /the checksum of PG_VERSION does not match/,
  ],
  ['without a file', without('postgresql.conf'), nothing, /postgresql\.conf is missing/],
  ['with a file more', { ...content, 'base/2': '' }, nothing, /base\/2 is not in the manifest/],
  [
    'with more faults than a screen takes',
    { PG_VERSION: '', 'global/pg_control': '', 'base/1': '', a: '', b: '', c: '' },
    nothing,
    /and \d more$/,
  ],
  [
    'without its control file',
    without('global/pg_control'),
    nothing,
    /is not a base backup: it has no global\/pg_control/,
  ],
  ['without its version', without('PG_VERSION'), nothing, /is not a base backup: it has no PG_VERSION/],
  ['without its WAL', without('pg_wal/000000010000000000000002'), nothing, /its WAL is missing/],
  [
    'with half a manifest',
    content,
    (at) => edit(inBackup(at, 'backup_manifest'), (all) => all.subarray(0, 99)),
    /backup_manifest cannot be used: it is not whole/,
  ],
  [
    'that is empty',
    content,
    (at) => rm(inBackup(at, 'base.tar.gz')),
    /is not a base backup: it has no base\.tar\.gz, and is no data directory/,
  ],
  [
    'compressed otherwise',
    content,
    (at) => rename(inBackup(at, 'base.tar.gz'), inBackup(at, 'base.tar.zst')),
    /base\.tar\.zst, which cannot be read/,
  ],
  [
    'that is zstd in disguise',
    content,
    (at) => writeFile(inBackup(at, 'base.tar.gz'), Buffer.from('28b52ffd00', 'hex')),
    /is compressed by zstd/,
  ],
  [
    'that is a dump',
    content,
    (at) => writeFile(inBackup(at, 'base.tar.gz'), 'PGDMP\u0001'),
    /is a dump of pg_dump, not a base backup/,
  ],
  [
    'that is text',
    content,
    (at) => writeFile(inBackup(at, 'base.tar.gz'), 'x'.repeat(2000)),
    /is not a whole tar file/,
  ],
  [
    'that is nothing',
    content,
    (at) => writeFile(inBackup(at, 'base.tar.gz'), ''),
    /is not a whole tar file|is not a base backup/,
  ],
];

for (const [what, files, damage, message] of cases) {
  test(`a backup ${what} is refused`, () =>
    withDirectory(async (directory) => {
      await pack(directory, files);
      await damage(directory);
      await assert.rejects(examine(join(directory, 'backup')), (error: Error) => {
        assert.equal(error.name, 'UserError', error.stack);
        assert.match(error.message, message);
        return true;
      });
    }));
}

test('an archive that leads out of the data directory is refused', () =>
  withDirectory(async (directory) => {
    await pack(directory, content);
    await writeFile(join(directory, 'evil'), 'x');
    const file = inBackup(directory, 'base.tar.gz');
    await create({ cwd: join(directory, 'data'), file, gzip: true, preservePaths: true }, ['../evil']);
    await assert.rejects(examine(join(directory, 'backup')), /\.\.\/evil, a path that leads elsewhere/);
  }));
