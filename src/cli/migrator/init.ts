import type { Command } from 'commander';
import type { Io } from '../run.js';
import { flagsOf, migratorSubcommand, openWorkplace } from './command.js';

interface InitFlags {
  readonly dryRun?: boolean;
  readonly hook?: boolean;
}

export function initCommand(io: Io): Command {
  return migratorSubcommand('init', 'make the place for the history: apply the hectic bundle')
    .option('--no-hook', 'make the history alone, without the rest of the bundle')
    .option('-n, --dry-run', 'print what would be done, and write nothing')
    .action(async (_options, command: Command) => {
      const flags = flagsOf<InitFlags>(command);
      const workplace = await openWorkplace(io, flags);
      const { init, planInit } = await import('../../migrate/init.js');
      const hook = flags.hook ?? true;
      if (!flags.dryRun) return init(workplace, { hook });
      for (const line of await planInit(workplace, { hook })) io.stdout.write(`would ${line}\n`);
    });
}
