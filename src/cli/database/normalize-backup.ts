import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Io } from '../run.js';
import { openWorkspace, projectCommand } from './command.js';

interface NormalizeFlags {
  readonly output?: string;
  readonly role?: string;
  readonly database?: string;
  readonly adminRole?: string;
}

export function normalizeBackupCommand(io: Io): Command {
  return projectCommand('normalize-backup', 'make a backup for the local server of a raw production backup')
    .argument('[path]', 'the raw backup (default: LOCAL_DIR/focus/postgresql-backup)')
    .option(
      '-o, --output <directory>',
      'where the new backup goes (default: LOCAL_DIR/focus/postgresql-backup-normalized)',
    )
    .option('--role <role>', 'role that shall be there (default: your name)')
    .option(
      '--database <database>',
      'database that shall be there (default: the one that the backup names, else PG_DATABASE)',
    )
    .option('--admin-role <role>', 'superuser of the backup to work as (default: you are made one)')
    .action(async (path: string | undefined, { output, role, database, adminRole }: NormalizeFlags) => {
      const { normalizeBackup } = await import('../../dev/normalize/normalize.js');
      const absolute = (place: string | undefined) => (place === undefined ? undefined : resolve(place));
      const made = await normalizeBackup(await openWorkspace(io, undefined), {
        path: absolute(path),
        output: absolute(output),
        role,
        database,
        adminRole,
      });
      io.stdout.write(`${made.path}\n`);
    });
}
