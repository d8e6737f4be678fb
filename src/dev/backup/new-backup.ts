import { existsSync } from 'node:fs';
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explainSystemError } from '../../cluster/faults.js';
import { withLock } from '../../cluster/lock.js';
import { codeOf, ExitCode, messageOf, UserError } from '../../errors.js';
import type { Workspace } from '../workspace.js';

/** Where the parts of a change to a backup are while it is made: all of them beside it, so that a rename moves them. */
const draftOf = (path: string) => `${path}.draft`;
const previousOf = (path: string) => `${path}.previous`;

/**
 * Puts a new backup into the place of an old one: `write` fills a directory beside it and proves what it has written; only then do the two
 * change places. Whatever goes wrong before leaves the old one as it is. What a killed run left is cleared away first.
 */
export async function withNewBackup<T>(
  path: string,
  { signal, progress }: Pick<Workspace, 'signal' | 'progress'>,
  write: (draft: string) => Promise<T>,
): Promise<T> {
  await makeParent(path);
  const replaced = withBackupLock(path, { signal, progress }, 'writes this backup', async () => {
    await settleBackup(path);
    await refuseStrangers(path);
    const draft = draftOf(path);
    try {
      await mkdir(draft, { mode: 0o700 });
      const result = await write(draft);
      signal.throwIfAborted();
      await exchange(path, draft);
      return result;
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
  return replaced.catch((error: unknown) => {
    throw explainSystemError(error, { workingDir: path, confFile: undefined });
  });
}

/** Runs `use` while nobody else writes or reads the backup, if a lock can be put beside it: read-only places have no need of one. */
export async function withBackupLock<T>(
  path: string,
  { signal, progress }: Pick<Workspace, 'signal' | 'progress'>,
  purpose: string,
  use: () => Promise<T>,
): Promise<T> {
  const isWritable = await access(dirname(path), constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!isWritable) return use();
  const onWait = (holder: { pid: number; purpose: string }) =>
    progress.note(`waiting for process ${holder.pid}, which ${holder.purpose} (${path})`);
  return withLock(`${path}.lock`, { purpose, signal, onWait }, use);
}

async function exchange(path: string, draft: string): Promise<void> {
  if (existsSync(path)) await rename(path, previousOf(path));
  await rename(draft, path);
  await rm(previousOf(path), { recursive: true, force: true });
}

/** Between the two renames a kill leaves no backup in its place: the previous one returns. Only for the holder of the lock. */
async function settleBackup(path: string): Promise<void> {
  if (!existsSync(path) && existsSync(previousOf(path))) await rename(previousOf(path), path);
  await rm(previousOf(path), { recursive: true, force: true });
  await rm(draftOf(path), { recursive: true, force: true });
  const locks = (await readdir(dirname(path))).filter((name) => name.startsWith(`${basename(path)}.lock.`));
  for (const name of locks) await rm(join(dirname(path), name), { force: true });
}

/** What we, pg_basebackup and the scripts before us write into the directory of a backup. */
const known = /^(backup_manifest|database_name|(base|pg_wal|\d+)\.(tar|tar\.gz|tgz))$/;

async function refuseStrangers(path: string): Promise<void> {
  const names = await readdir(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw new UserError(`cannot write a backup to ${path}: ${messageOf(error)}`, { cause: error });
  });
  const stranger = names.find((name) => !known.test(name));
  if (stranger === undefined) return;
  throw new UserError(`${path} holds ${stranger}, which is no part of a backup, so it is not replaced`, {
    exitCode: ExitCode.ambiguous,
    hint: 'Nothing was changed. Name a directory of its own for the backup.',
  });
}

async function makeParent(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw new UserError(`cannot write ${basename(path)} into ${dirname(path)}: ${messageOf(error)}`, {
      hint: 'Name another place for the backup.',
      cause: error,
    });
  });
}

/** The path where a backup is read: the previous one when a kill has left nothing else. */
export function readablePath(path: string): string {
  return !existsSync(path) && existsSync(previousOf(path)) ? previousOf(path) : path;
}
