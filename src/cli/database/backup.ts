import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Io } from '../run.js';
import { openWorkspace, projectCommand } from './command.js';

export function backupCommand(io: Io): Command {
  return projectCommand(
    'backup',
    'take a physical backup of the server; it replaces the last one once it has been proved',
  )
    .argument('[path]', 'directory of the backup (default: LOCAL_DIR/focus/postgresql-backup)')
    .action(async (path: string | undefined, _options, command: Command) => {
      const { url } = command.optsWithGlobals<{ url?: string }>();
      const { backup } = await import('../../dev/backup/backup.js');
      const made = await backup(await openWorkspace(io, url), path === undefined ? undefined : resolve(path));
      io.stdout.write(`${made.path}\n`);
    });
}
