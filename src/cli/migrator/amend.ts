import type { Command } from 'commander';
import type { ResumeWay } from '../../migrate/amend.js';
import type { Io } from '../run.js';
import { addRunOptions, flagsOf, migratorSubcommand, openWorkplace } from './command.js';
import { fulfil, type RunFlags, runOptions } from './migrate.js';

/** Commands that set the history right: most of them run no migration. */
export const amendingCommands: readonly ((io: Io) => Command)[] = [
  verifyCommand,
  baselineCommand,
  fakeCommand,
  repairCommand,
  redoCommand,
  resumeCommand,
  rebaseCommand,
];

function verifyCommand(io: Io): Command {
  return migratorSubcommand('verify', 'check that all applied migrations are on disk as they were applied').action(
    async (_options, command: Command) => {
      const workplace = await openWorkplace(io, flagsOf(command));
      const { verify } = await import('../../migrate/verify.js');
      const { applied, entryOnly } = await verify(workplace);
      for (const name of entryOnly) {
        workplace.reporter.warn(
          `${name}: an older tool stored the hash of its entry file alone; migrator repair '${name}' widens it`,
        );
      }
      io.stdout.write(`${applied} applied, all as they are on disk\n`);
    },
  );
}

function baselineCommand(io: Io): Command {
  return migratorSubcommand(
    'baseline',
    'record everything up to a migration as applied, in a database without a history',
  )
    .argument('<name>', 'its name, or its 14 digits')
    .option('--no-hook', 'leave the hectic bundle alone')
    .action(async (name: string, _options, command: Command) => {
      const flags = flagsOf<RunFlags>(command);
      const { baseline } = await import('../../migrate/amend.js');
      const recorded = await baseline(await openWorkplace(io, flags), name, { hook: flags.hook ?? true });
      for (const one of recorded) io.stdout.write(`recorded ${one}\n`);
    });
}

function fakeCommand(io: Io): Command {
  return migratorSubcommand('fake', 'record a pending migration as applied, without running it')
    .argument('<name>', 'its name, or its 14 digits')
    .option('--no-hook', 'leave the hectic bundle alone')
    .option('--allow-out-of-order', 'also when others before it are pending')
    .action(async (name: string, _options, command: Command) => {
      const flags = flagsOf<RunFlags>(command);
      const { fake } = await import('../../migrate/amend.js');
      const recorded = await fake(await openWorkplace(io, flags), name, await runOptions(flags));
      io.stdout.write(`recorded ${recorded}\n`);
    });
}

function repairCommand(io: Io): Command {
  return migratorSubcommand('repair', 'accept the text on disk as the one that was applied, without running it')
    .argument('<name>', 'its name, or its 14 digits')
    .option('--forget', 'remove it from the history instead: it then counts as not applied')
    .action(async (name: string, _options, command: Command) => {
      const flags = flagsOf<{ forget?: boolean }>(command);
      const { forget, repair } = await import('../../migrate/amend.js');
      const workplace = await openWorkplace(io, flags);
      if (flags.forget) io.stdout.write(`forgotten ${await forget(workplace, name)}\n`);
      else io.stdout.write(`repaired ${await repair(workplace, name)}\n`);
    });
}

function redoCommand(io: Io): Command {
  return addRunOptions(
    migratorSubcommand('redo', 'undo the last migration, or all back to a given one, and apply them again'),
  )
    .argument('[name]', 'its name, or its 14 digits')
    .option('-n, --dry-run', 'print what would run, and write nothing')
    .action((name: string | undefined, _options, command: Command) => fulfil(io, command, { kind: 'redo', name }));
}

function resumeCommand(io: Io): Command {
  return addRunOptions(
    migratorSubcommand('resume', 'go on with a migration without a transaction that stopped on its way'),
  )
    .argument('<name>', 'its name')
    .option('--skip', 'go on behind the statement at which it stopped, because that took effect')
    .option('--abandon', 'forget that it was begun, because all of it is undone')
    .action(async (name: string, _options, command: Command) => {
      const flags = flagsOf<RunFlags & { skip?: boolean; abandon?: boolean }>(command);
      const { resume } = await import('../../migrate/amend.js');
      const way: ResumeWay = flags.abandon ? 'abandon' : flags.skip ? 'skip' : 'again';
      await resume(await openWorkplace(io, flags), name, way, await runOptions(flags));
      io.stdout.write(`${way === 'abandon' ? 'abandoned' : 'finished'} ${name}\n`);
    });
}

function rebaseCommand(io: Io): Command {
  return migratorSubcommand('rebase', 'rename a pending migration to now, so that it comes after all others')
    .argument('<name>', 'its name, or its 14 digits')
    .action(async (name: string, _options, command: Command) => {
      const { rebase } = await import('../../migrate/amend.js');
      const [from, to] = await rebase(await openWorkplace(io, flagsOf(command)), name);
      io.stdout.write(`renamed ${from} to ${to}\n`);
    });
}
