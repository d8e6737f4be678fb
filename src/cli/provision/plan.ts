import type { Command } from 'commander';
import { ExitCode } from '../../errors.js';
import { ExitStatus } from '../program.js';
import type { Io } from '../run.js';
import { type FileFlags, fileCommand, openProvisioning, printJson } from './command.js';

/** Status of a plan with something to do, so that a script can tell; terraform's -detailed-exitcode has the same. */
const somethingToDo = 2;

export function planCommand(io: Io): Command {
  return fileCommand('plan', 'show what apply would do; ends with 0 for nothing, 2 for something, 1 for a failure')
    .option('--all', 'look into every database, also where nothing has been written since the last time')
    .action(async (flags: FileFlags & { readonly all?: boolean }) => {
      const { assignment } = await openProvisioning(io, flags, { generate: false });
      const { planProvision } = await import('../../provision/look.js');
      const { stepsOf } = await import('../../provision/plan/plan.js');
      const plan = await planProvision({ ...assignment, visitAll: flags.all });
      if (flags.json === true) printJson(io, plan);
      else io.stdout.write((await import('./plan-report.js')).describePlan(plan));
      if (plan.faults.length > 0) throw new ExitStatus(ExitCode.generic);
      if (stepsOf(plan).length > 0) throw new ExitStatus(somethingToDo);
    });
}
