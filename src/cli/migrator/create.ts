import { relative } from 'node:path';
import type { Command } from 'commander';
import type { Io } from '../run.js';
import { directoryOf, flagsOf, migratorSubcommand } from './command.js';

interface CreateFlags {
  readonly name: string;
  readonly dir?: boolean;
}

export function createCommand(io: Io): Command {
  return migratorSubcommand('create', 'make an empty migration: one file with both sections')
    .option('-n, --name <name>', 'what follows the time in its name', 'migration')
    .option('--dir', 'a directory with up.sql and down.sql instead')
    .action(async (_options, command: Command) => {
      const { name, dir = false, ...flags } = flagsOf<CreateFlags>(command);
      const { directory, cwd } = directoryOf(io, flags);
      const { create } = await import('../../migrate/create.js');
      const paths = await create({ directory, name, asDirectory: dir });
      for (const path of paths) io.stdout.write(`${relative(cwd, path)}\n`);
    });
}
