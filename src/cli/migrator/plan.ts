import type { Command } from 'commander';
import type { Tolerance } from '../../migrate/guard.js';
import type { Step, Wish } from '../../migrate/plan.js';
import type { Workplace } from '../../migrate/workplace.js';
import type { Io } from '../run.js';
import { flagsOf, migratorSubcommand, openWorkplace } from './command.js';
import { runOptions } from './migrate.js';

/** Prints the scripts that would run, in order. */
export async function printPlan(
  io: Io,
  workplace: Workplace,
  wish: Wish,
  tolerance: Tolerance & { readonly json?: boolean | undefined },
): Promise<void> {
  const { dryRun } = await import('../../migrate/observe.js');
  const steps = await dryRun(workplace, wish, tolerance);
  if (tolerance.json) {
    io.stdout.write(`${JSON.stringify(steps.map(asJson), null, 2)}\n`);
    return;
  }
  for (const step of steps) io.stdout.write(`${describeStep(step)}\n`);
  if (steps.length === 0) io.stdout.write('nothing to do\n');
}

function asJson({ direction, migration, path, hash, transactional, sources }: Step) {
  return { direction, migration, path, hash, transactional, files: sources.map((source) => source.path) };
}

function describeStep({ direction, migration, transactional, sources }: Step): string {
  const remarks = [
    ...(sources.length === 1 ? [] : [`${sources.length} files`]),
    ...(transactional ? [] : ['without a transaction']),
  ];
  const verb = direction === 'up' ? 'apply' : 'undo';
  return `would ${verb} ${migration}${remarks.length === 0 ? '' : ` (${remarks.join(', ')})`}`;
}

export function planCommand(io: Io): Command {
  return migratorSubcommand('plan', "print what 'migrate up' would run, and write nothing")
    .option('--allow-out-of-order', 'accept pending migrations that are older than the last one applied')
    .option('--json', 'print it as JSON')
    .action(async (_options, command: Command) => {
      const flags = flagsOf<{ json?: boolean }>(command);
      const workplace = await openWorkplace(io, flags);
      await printPlan(io, workplace, { kind: 'up', count: 'all' }, { ...(await runOptions(flags)), json: flags.json });
    });
}
