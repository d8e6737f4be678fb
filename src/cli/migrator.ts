import { amendingCommands } from './migrator/amend.js';
import { addCommonOptions } from './migrator/command.js';
import { createCommand } from './migrator/create.js';
import { initCommand } from './migrator/init.js';
import { lintCommand } from './migrator/lint.js';
import { listCommand } from './migrator/list.js';
import { migrateCommand } from './migrator/migrate.js';
import { planCommand } from './migrator/plan.js';
import { roundtripCommand } from './migrator/roundtrip.js';
import { squashCommand } from './migrator/squash.js';
import { statusCommand } from './migrator/status.js';
import { refuseExtra } from './migrator/words.js';
import { newProgram, runProgram } from './program.js';
import type { Io } from './run.js';
import { packageVersion } from './version.js';

const summary = 'Applies migrations to a PostgreSQL database: once, in order, each whole or not at all.';

const commands = [
  initCommand,
  createCommand,
  listCommand,
  statusCommand,
  planCommand,
  migrateCommand,
  ...amendingCommands,
  lintCommand,
  roundtripCommand,
  squashCommand,
];

/** The `migrator` executable. */
export function migrator(io: Io): Promise<number> {
  const program = addCommonOptions(newProgram('migrator', summary, io), false)
    .version(packageVersion(), '-V, --version', 'print the version')
    .hook('preAction', (_, action) => {
      if (action.parent === program) refuseExtra(action, 'migrator');
    });
  for (const command of commands) {
    const subcommand = command(io).copyInheritedSettings(program).allowExcessArguments();
    for (const inner of subcommand.commands) inner.copyInheritedSettings(subcommand);
    program.addCommand(subcommand);
  }
  return runProgram(program, io);
}
