import { relative } from 'node:path';
import type { Command } from 'commander';
import type { Squash } from '../../migrate/squash/squash.js';
import type { Io } from '../run.js';
import { flagsOf, migratorSubcommand, openTrial } from './command.js';

interface SquashFlags {
  readonly name: string;
  readonly delete?: boolean;
  readonly dryRun?: boolean;
  readonly hook?: boolean;
}

export function squashCommand(io: Io): Command {
  return migratorSubcommand(
    'squash',
    'write several migrations into one, proved in a throw-away cluster to lead to the same schema',
  )
    .argument('<range>', 'FIRST..LAST, each a name or its 14 digits; an open end is the first or the last of all')
    .option('-n, --name <name>', 'name of the new migration, behind the 14 digits of the last one', 'squash')
    .option('--delete', 'delete the old files instead of moving them to squashed/')
    .option('--dry-run', 'prove it and print it, and write nothing')
    .option('--no-hook', 'prove it without the hectic bundle')
    .action(async (range: string, _options, command: Command) => {
      const flags = flagsOf<SquashFlags>(command);
      const { squash } = await import('../../migrate/squash/squash.js');
      const { name, delete: remove = false, dryRun = false } = flags;
      const result = await squash(await openTrial(io, flags), { range, name, remove, dryRun });
      io.stdout.write(dryRun ? result.text : describeSquash(result));
    });
}

function describeSquash({ path, replaced, lines, goesDown, aside }: Squash): string {
  const old = aside === undefined ? 'deleted' : `moved to ${relative(process.cwd(), aside)}`;
  return [
    `wrote ${relative(process.cwd(), path)}, which stands for ${replaced.length} migrations: these are ${old}`,
    `proved: it leads to the same schema (${lines} lines)${goesDown ? ', and back to the same one' : '; it has no way down, as not all of them had one'}`,
    'a database that has all of them takes it as applied at the next run; one that has a part of them is refused until it has all',
    '',
  ].join('\n');
}
