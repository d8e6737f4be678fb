import { addCommonOptions } from './migrator/command.js';
import { initCommand } from './migrator/init.js';
import { lintCommand } from './migrator/lint.js';
import { migrateCommand } from './migrator/migrate.js';
import { planCommand } from './migrator/plan.js';
import { roundtripCommand } from './migrator/roundtrip.js';
import { refuseExtra } from './migrator/words.js';
import { newProgram, runProgram } from './program.js';
import type { Io } from './run.js';

const summary = 'Applies migrations to a PostgreSQL database: once, in order, each whole or not at all.';

/** The `migrator` executable. */
export function migrator(io: Io): Promise<number> {
  const program = addCommonOptions(newProgram('migrator', summary, io), false).hook('preAction', (_, action) => {
    if (action.parent === program) refuseExtra(action, 'migrator');
  });
  for (const command of [initCommand, migrateCommand, planCommand, lintCommand, roundtripCommand]) {
    const subcommand = command(io).copyInheritedSettings(program).allowExcessArguments();
    for (const inner of subcommand.commands) inner.copyInheritedSettings(subcommand);
    program.addCommand(subcommand);
  }
  return runProgram(program, io);
}
