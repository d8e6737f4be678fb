import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, messageOf, UserError } from '../../errors.js';
import { readArchive } from './archive.js';
import type { Visit } from './entry.js';
import { readTree } from './tree.js';

/** Where a backup's content is. */
export interface BackupSource {
  /** What the user named: a directory, or one archive. */
  readonly path: string;
  /** Tar files with the place of their content in the data directory; none when the path is itself a data directory. */
  readonly archives: readonly { readonly file: string; readonly prefix: string }[];
  /** Text of backup_manifest. */
  readonly manifest: string | undefined;
  /** What `database_name` says. */
  readonly databaseName: string | undefined;
}

/** The files of a backup in tar format, as pg_basebackup names them. */
const archiveName = /^(base|pg_wal|\d+)\.(tar|tar\.gz|tgz)$/;
const foreignName = /^base\.(tar\.(zst|lz4|xz|bz2)|dump|sql)$/;

/**
 * Looks what stands at a path: archives, or a plain data directory unless `archive` asks for archives.
 * @throws UserError when it is neither.
 */
export async function openBackup(path: string, { archive }: { archive: boolean }): Promise<BackupSource> {
  if (await isFile(path)) return archiveFile(path);
  const names = await readdir(path);
  const archives = archivesAmong(path, names);
  const isTree = archives.length === 0 && names.includes('PG_VERSION') && !archive;
  if (archives.length === 0 && !isTree) throw notABackup(path, names, archive);
  if (isTree && names.includes('postmaster.pid')) throw inUse(path);
  const beside = (name: string) => textIfThere(join(path, name));
  const databaseName = (await beside('database_name'))?.trim() || undefined;
  return { path, archives, manifest: await beside('backup_manifest'), databaseName };
}

/** base.tar.gz stands for the directory that it is in; any other archive stands for itself. */
async function archiveFile(path: string): Promise<BackupSource> {
  if (archiveName.test(basename(path))) return openBackup(dirname(path), { archive: true });
  return { path, archives: [{ file: path, prefix: '' }], manifest: undefined, databaseName: undefined };
}

function archivesAmong(path: string, names: readonly string[]): BackupSource['archives'] {
  const found = names.flatMap((name) => {
    const part = archiveName.exec(name)?.[1];
    return part === undefined ? [] : [{ file: join(path, name), prefix: placeOf(part) }];
  });
  return found.some(({ prefix }) => prefix === '') ? found : [];
}

function placeOf(part: string): string {
  if (part === 'base') return '';
  return part === 'pg_wal' ? part : `pg_tblspc/${part}`;
}

/** Reads all of a backup's content. @throws UserError for a damaged archive. */
export async function readBackup({ path, archives }: BackupSource, visit: Visit, signal?: AbortSignal): Promise<void> {
  if (archives.length === 0) return readTree(path, visit, signal);
  for (const { file, prefix } of archives) await readArchive(file, prefix, visit, signal);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    (error: unknown) => {
      throw new UserError(`there is no backup in ${path}: ${messageOf(error)}`, {
        hint: "'database backup' makes one; another place is given as PATH",
        cause: error,
      });
    },
  );
}

async function textIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
}

function notABackup(path: string, names: readonly string[], archive: boolean): UserError {
  const foreign = names.find((name) => foreignName.test(name));
  const what = foreign === undefined ? 'no base.tar.gz' : `${foreign}, which cannot be read here`;
  const plain = archive ? '' : ', and is no data directory either';
  return new UserError(`${path} is not a base backup: it has ${what}${plain}`, {
    hint: 'Nothing was changed. A backup is what database backup or pg_basebackup writes: base.tar or base.tar.gz, or a data directory.',
  });
}

function inUse(path: string): UserError {
  return new UserError(`${path} is the data directory of a server, not a backup: it holds postmaster.pid`, {
    hint: 'Nothing was changed. Take a backup of that server (database backup --url …), or stop it first.',
  });
}
