import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ExitCode, UserError } from '../../errors.js';
import type { Trial } from '../../migrate/scratch.js';
import type { Workplace } from '../../migrate/workplace.js';
import type { Io } from '../run.js';

/** Options that are accepted before and after every subcommand's name. */
export interface CommonFlags {
  readonly dbUrl?: string;
  readonly migrationDir?: string;
  readonly set?: readonly string[];
  readonly force?: boolean;
  readonly inherits?: readonly string[];
  readonly allowOutOfOrder?: boolean;
  readonly lockTimeout?: string;
  readonly lockRetries?: number;
  readonly statementTimeout?: string;
}

/** The options that every subcommand shares; what is hidden is in the help of the program itself. */
export function addCommonOptions(command: Command, isHidden: boolean): Command {
  const options = [
    new Option('-u, --db-url <url>', 'database to work on, instead of DB_URL'),
    new Option('-d, --migration-dir <directory>', 'the migrations, instead of MIGRATION_DIR and ./migration'),
    new Option(
      '-v, --set <name=value>',
      'set a psql variable for the migrations; may be given several times',
    ).argParser(collect),
    new Option('-f, --force', 'go on past a mismatch or an edited migration, with a warning'),
    new Option('--inherits <table>', 'accepted for older scripts, without effect').argParser(collect).hideHelp(),
  ];
  for (const option of options) command.addOption(isHidden ? option.hideHelp() : option);
  return command;
}

/** A subcommand that takes the common options too. */
export function migratorSubcommand(name: string, description: string): Command {
  return addCommonOptions(new Command(name).description(description), true);
}

/** A subcommand that works on a database and needs the options of running migrations. */
export function addRunOptions(command: Command): Command {
  return command
    .option('--lock-timeout <duration>', 'wait at most so long for a lock (default: 5s; 0: for ever), then try again')
    .option('--lock-retries <count>', 'try so often again (default: 5)', readCount)
    .option('--statement-timeout <duration>', 'let no statement run longer than this')
    .option('--no-hook', 'leave the hectic bundle alone');
}

/** All options that hold for a command, its own before those given earlier on the line, defaults last; repeatable ones are joined. */
export function flagsOf<T>(command: Command): T & CommonFlags {
  const flags: Record<string, unknown> = {};
  for (const one of lineOf(command)) {
    for (const [name, value] of Object.entries(one.opts())) {
      const before = flags[name];
      const isFallback = before !== undefined && one.getOptionValueSource(name) === 'default';
      if (Array.isArray(before) && Array.isArray(value)) flags[name] = [...before, ...value];
      else if (!isFallback) flags[name] = value;
    }
  }
  return flags as T & CommonFlags;
}

/** A command behind all that it stands under, the program first. */
function lineOf(command: Command): readonly Command[] {
  return command.parent === null ? [command] : [...lineOf(command.parent), command];
}

/** The workplace that flags and environment describe. Throws a UserError, with status 3 when no database is named. */
export async function openWorkplace(io: Io, flags: CommonFlags): Promise<Workplace> {
  const { openProgress } = await import('../terminal.js');
  const { resolveConnection } = await import('../../postgres/config.js');
  const { readVariables } = await import('../../migrate/variables.js');
  const url = flags.dbUrl ?? (io.env.DB_URL || undefined);
  if (url === undefined) {
    throw new UserError('no database is named: neither --db-url nor DB_URL is set', {
      exitCode: ExitCode.missing,
      hint: 'migrator --db-url postgresql://USER@HOST:PORT/DATABASE …, or: export DB_URL=…',
    });
  }
  const reporter = openProgress(io);
  if (flags.inherits !== undefined) {
    reporter.warn('--inherits has no effect any more: the hectic bundle sees to what tables inherit');
  }
  return {
    ...directoryOf(io, flags),
    variables: readVariables(flags.set ?? []),
    connection: resolveUrl(() => resolveConnection(url, io.env), flags.dbUrl === undefined ? 'DB_URL' : '--db-url'),
    stdout: io.stdout,
    stderr: io.stderr,
    reporter,
    signal: io.signal,
  };
}

/** What trying migrations out in a throw-away cluster needs. */
export async function openTrial(io: Io, flags: CommonFlags & { readonly hook?: boolean }): Promise<Trial> {
  const { readVariables } = await import('../../migrate/variables.js');
  const report = (line: string) => io.stderr.write(`${line}\n`);
  const variables = readVariables(flags.set ?? []);
  return { ...directoryOf(io, flags), variables, signal: io.signal, hook: flags.hook ?? true, report };
}

/** Where migrations lie, for commands without a database. */
export function directoryOf(io: Io, { migrationDir }: CommonFlags): Pick<Workplace, 'directory' | 'cwd' | 'env'> {
  const cwd = process.cwd();
  return { directory: resolve(cwd, migrationDir ?? (io.env.MIGRATION_DIR || 'migration')), cwd, env: io.env };
}

function resolveUrl<T>(resolveIt: () => T, origin: string): T {
  try {
    return resolveIt();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${origin} cannot be used: ${error.message}`, {
      exitCode: error.exitCode,
      cause: error,
      hint: error.hint ?? 'It is written postgresql://USER@HOST:PORT/DATABASE, or …@/DATABASE?host=SOCKETDIR&port=PORT',
    });
  }
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

export function readCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
