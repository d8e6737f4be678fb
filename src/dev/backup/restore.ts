import { type Restored, restoreCluster } from '../../cluster/restore.js';
import type { ClusterSettings } from '../../cluster/settings.js';
import { UserError } from '../../errors.js';
import { localSettings } from '../local-cluster.js';
import type { Workspace } from '../workspace.js';
import { Extraction } from './extract.js';
import type { BackupFacts } from './facts.js';
import { readablePath, withBackupLock } from './new-backup.js';
import { type BackupSource, openBackup, readBackup } from './source.js';
import { mebibytes, proveBackup, throttled } from './write.js';

export interface RestoreOptions {
  /** Directory of the backup, or one archive; the project's own backup when undefined. */
  readonly path: string | undefined;
  /** Take only archives: a directory that is itself a data directory is refused. */
  readonly archive: boolean;
}

/**
 * `database restore`: replaces the data of the project's own cluster by a backup. The backup is read and verified first; its data is
 * recovered beside the old, and the old data is kept.
 */
export async function restore(workspace: Workspace, { path, archive }: RestoreOptions): Promise<Restored> {
  const wanted = path ?? workspace.project.backupDir;
  return withBackupLock(wanted, workspace, 'restores from this backup', async () => {
    const source = await openBackup(readablePath(wanted), { archive });
    const facts = await proveBackup(source, workspace);
    refuseRaw(source.path, facts);
    return replaceBy(workspace, source, facts);
  });
}

async function replaceBy(workspace: Workspace, source: BackupSource, facts: BackupFacts): Promise<Restored> {
  const { progress, signal, env } = workspace;
  const settings = settingsFor(localSettings(workspace, true), source.databaseName);
  const restored = await progress.step('restore', async (detail) => {
    const fill = (directory: string) => unpack(source, directory, workspace, detail);
    const data = { major: facts.major, bytes: facts.bytes, hasTablespaces: facts.tablespaces.length > 0, fill };
    const done = await restoreCluster(settings, data, { signal, env, report: progress.note });
    detail(done.cluster.workingDir);
    return done;
  });
  if (restored.aside !== undefined) progress.note(`the data that was there is in ${restored.aside}`);
  return restored;
}

/** A URL of the environment may name a database that the backup does not hold: none is made then. */
function settingsFor(settings: ClusterSettings, databaseName: string | undefined): ClusterSettings {
  const database = databaseName ?? settings.database;
  const { alsoEnsure } = settings;
  return { ...settings, database, alsoEnsure: alsoEnsure?.database === database ? alsoEnsure : undefined };
}

/** Writes the content of a backup into an empty directory. */
export async function unpack(
  source: BackupSource,
  directory: string,
  { signal }: Pick<Workspace, 'signal'>,
  detail: (text: string) => void,
): Promise<void> {
  const extraction = new Extraction(directory);
  const show = throttled(() => detail(`${mebibytes(extraction.bytes)} unpacked`));
  try {
    await readBackup(
      source,
      (entry) => {
        show();
        return extraction.visit(entry);
      },
      signal,
    );
  } finally {
    extraction.close();
  }
}

function refuseRaw(path: string, { signals }: BackupFacts): void {
  if (signals.length === 0) return;
  throw new UserError(`the backup in ${path} is of a standby, or made for recovery: it holds ${signals.join(', ')}`, {
    hint: 'Nothing was changed. Make a local backup of it first: database normalize-backup',
  });
}
