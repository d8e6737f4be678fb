import { newProgram, runProgram } from './program.js';
import { applyCommand } from './provision/apply.js';
import { importCommand } from './provision/import.js';
import { planCommand } from './provision/plan.js';
import { schemaCommand } from './provision/schema.js';
import { templateCommand } from './provision/template.js';
import { verifyCommand } from './provision/verify.js';
import { watchCommand } from './provision/watch.js';
import type { Io } from './run.js';

const summary = 'Makes sure of the databases, users and grants that a services file asks for.';

/** `slipway provision`. */
export function provision(io: Io): Promise<number> {
  const program = newProgram('slipway provision', summary, io);
  for (const command of [
    planCommand,
    applyCommand,
    verifyCommand,
    watchCommand,
    importCommand,
    templateCommand,
    schemaCommand,
  ]) {
    program.addCommand(command(io).copyInheritedSettings(program));
  }
  return runProgram(program, io);
}
