import type { Command } from 'commander';
import { ExitCode, UserError } from '../../errors.js';
import type { MigrateOptions } from '../../migrate/migrate.js';
import type { Wish } from '../../migrate/plan.js';
import type { Io } from '../run.js';
import { addRunOptions, type CommonFlags, flagsOf, migratorSubcommand, openWorkplace } from './command.js';
import { refuseExtra, subcommandNames } from './words.js';

export interface RunFlags {
  readonly hook?: boolean;
  readonly dryRun?: boolean;
}

export function migrateCommand(io: Io): Command {
  const command = addRunOptions(migratorSubcommand('migrate', 'apply or undo migrations')).option(
    '-n, --dry-run',
    'print what would run, and write nothing',
  );
  command.option('--allow-out-of-order', 'apply pending migrations that are older than the last one applied');
  for (const subcommand of [upCommand(io), downCommand(io), toCommand(io)]) {
    command.addCommand(subcommand);
  }
  return command.allowExcessArguments().action(() => {
    throw new UserError('migrate what? A subcommand is missing', {
      exitCode: ExitCode.missing,
      hint: 'migrator migrate up [N], migrator migrate down [N], migrator migrate to NAME',
    });
  });
}

function subcommand(name: string, description: string): Command {
  return addRunOptions(migratorSubcommand(name, description))
    .option('-n, --dry-run', 'print what would run, and write nothing')
    .option('--allow-out-of-order', 'apply pending migrations that are older than the last one applied')
    .allowExcessArguments()
    .hook('preAction', (_, action) => refuseExtra(action, 'migrate'));
}

function upCommand(io: Io): Command {
  return subcommand('up', 'apply what is pending, or the next N of it')
    .argument('[count]', 'a number, or all, latest, head', 'all')
    .action((count: string, _options, command: Command) =>
      fulfil(io, command, { kind: 'up', count: readSteps(count) }),
    );
}

function downCommand(io: Io): Command {
  return subcommand('down', 'undo the last migration, or the last N')
    .argument('[count]', 'a number, or all', '1')
    .action((count: string, _options, command: Command) =>
      fulfil(io, command, { kind: 'down', count: readSteps(count, ['all']) }),
    );
}

function toCommand(io: Io): Command {
  return subcommand('to', 'apply or undo whatever leads to a migration')
    .argument('<name>', 'its name, or its 14 digits; latest, head, last: the newest on disk')
    .action((name: string, _options, command: Command) =>
      fulfil(io, command, { kind: 'to', name: ['latest', 'head', 'last'].includes(name) ? 'latest' : name }),
    );
}

/** Runs the wish, or prints its plan. */
export async function fulfil(io: Io, command: Command, wish: Wish): Promise<void> {
  const flags = flagsOf<RunFlags>(command);
  const workplace = await openWorkplace(io, flags);
  const options = await runOptions(flags);
  if (flags.dryRun) {
    const { printPlan } = await import('./plan.js');
    return printPlan(io, workplace, wish, options);
  }
  const { migrate } = await import('../../migrate/migrate.js');
  const { steps } = await migrate(workplace, wish, options);
  if (steps.length === 0) workplace.reporter.note('nothing to do');
}

export async function runOptions(flags: RunFlags & CommonFlags): Promise<MigrateOptions> {
  const { defaultLimits, parseDuration } = await import('../../migrate/limits.js');
  const duration = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text));
  return {
    force: flags.force ?? false,
    allowOutOfOrder: flags.allowOutOfOrder ?? false,
    hook: flags.hook ?? true,
    limits: {
      lockTimeout: duration(flags.lockTimeout),
      statementTimeout: duration(flags.statementTimeout),
      lockRetries: flags.lockRetries ?? defaultLimits.lockRetries,
    },
  };
}

/** A number of migrations. Throws a UserError for anything else; another subcommand is ambiguous. */
function readSteps(text: string, all: readonly string[] = ['all', 'latest', 'head', 'last']): number | 'all' {
  if (all.includes(text)) return 'all';
  if (/^\d+$/.test(text)) return Number(text);
  if (subcommandNames('migrate').includes(text)) {
    throw new UserError(`ambiguous migrate subcommand: '${text}' besides another one`, {
      exitCode: ExitCode.ambiguous,
    });
  }
  throw new UserError(`'${text}' is no number of migrations`, {
    exitCode: ExitCode.notFound,
    hint: `it is a whole number, or one of: ${all.join(', ')}`,
  });
}
