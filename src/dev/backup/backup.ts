import { relative } from 'node:path';
import { placesOf } from '../../cluster/places.js';
import { ExitCode, UserError } from '../../errors.js';
import { resolveTarget, urlOf } from '../target.js';
import type { Workspace } from '../workspace.js';
import type { BackupFacts } from './facts.js';
import { withNewBackup } from './new-backup.js';
import { writeBackup } from './write.js';

export interface Backup extends BackupFacts {
  /** Its directory: base.tar.gz, backup_manifest, database_name. */
  readonly path: string;
}

/**
 * `database backup`: a physical backup of the whole server that the environment names, the project's own one or another. The backup
 * that was there stays until the new one has been read and its checksums are right.
 */
export async function backup(workspace: Workspace, path = workspace.project.backupDir): Promise<Backup> {
  refuseInside(path, placesOf(workspace.project.workingDir).dataDir);
  const target = await resolveTarget(workspace);
  if (target.cluster === undefined) workspace.progress.note(`backing up ${urlOf(target)}`);
  const facts = await withNewBackup(path, workspace, (draft) =>
    writeBackup(target.connection, draft, target.database, workspace),
  );
  return { ...facts, path };
}

/** A backup in the data directory would be a part of itself, and go with what it shall save. */
function refuseInside(path: string, dataDir: string): void {
  if (relative(dataDir, path).startsWith('..')) return;
  throw new UserError(`${path} is inside the server's data directory`, {
    exitCode: ExitCode.ambiguous,
    hint: 'Name a place outside of it for the backup.',
  });
}
