import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Io } from '../run.js';
import { openWorkspace, projectCommand } from './command.js';

export function restoreCommand(io: Io): Command {
  return projectCommand('restore', 'replace the data of the local cluster by a backup; the old data is kept beside it')
    .argument('[path]', 'directory of the backup, or one archive (default: LOCAL_DIR/focus/postgresql-backup)')
    .option('--archive', 'take only a backup of archives (base.tar.gz), not a plain data directory')
    .action(async (path: string | undefined, { archive = false }: { archive?: boolean }) => {
      const { restore } = await import('../../dev/backup/restore.js');
      const workspace = await openWorkspace(io, undefined);
      const { cluster } = await restore(workspace, { path: path === undefined ? undefined : resolve(path), archive });
      io.stdout.write(`${cluster.url}\n`);
    });
}
