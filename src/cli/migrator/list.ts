import type { Command } from 'commander';
import type { MigrationDirectory } from '../../migrate/files.js';
import type { Io } from '../run.js';
import { directoryOf, flagsOf, migratorSubcommand } from './command.js';

export function listCommand(io: Io): Command {
  return migratorSubcommand('list', 'list the migrations on disk, and what is missing of them')
    .option('--raw', 'names only')
    .action(async (_options, command: Command) => {
      const { raw = false, ...flags } = flagsOf<{ raw?: boolean }>(command);
      const { readMigrations } = await import('../../migrate/files.js');
      const { readVariables } = await import('../../migrate/variables.js');
      const variables = readVariables(flags.set ?? []);
      const remarks = remarksByName(await readMigrations({ ...directoryOf(io, flags), variables }));
      for (const name of [...remarks.keys()].sort()) {
        const remark = remarks.get(name) ?? [];
        io.stdout.write(`${raw || remark.length === 0 ? name : `${name}: ${remark.join('; ')}`}\n`);
      }
    });
}

/** What is to be said of each migration; nothing of one that has all its parts. */
function remarksByName({ migrations, faults }: MigrationDirectory): Map<string, string[]> {
  const remarks = new Map(migrations.map(({ name, down }) => [name, down === undefined ? ['missing down.sql'] : []]));
  for (const { migration, message, missing } of faults) {
    const remark = missing === undefined ? message : `missing ${missing.join(' ')}`;
    remarks.set(migration, [...(remarks.get(migration) ?? []), remark]);
  }
  return remarks;
}
