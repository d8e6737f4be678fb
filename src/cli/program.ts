import { Command, CommanderError } from 'commander';
import { ExitCode, UserError } from '../errors.js';
import type { Io } from './run.js';

/** Statuses for what commander finds wrong with a command line, by its error codes. */
const statusOf: Readonly<Record<string, number>> = {
  'commander.unknownCommand': ExitCode.notFound,
  'commander.unknownOption': ExitCode.notFound,
  'commander.excessArguments': ExitCode.notFound,
  'commander.missingArgument': ExitCode.missing,
  'commander.optionMissingArgument': ExitCode.missing,
  'commander.missingMandatoryOptionValue': ExitCode.missing,
  'commander.conflictingOption': ExitCode.ambiguous,
};

/** An executable's root command. Its help goes to `io.stdout`; its errors are thrown as `UserError`. */
export function newProgram(name: string, summary: string, io: Io): Command {
  return new Command(name)
    .description(summary)
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: () => {}, outputError: () => {} });
}

/** Parses the arguments and runs the action they name. Without arguments: the help, status 1. */
export async function runProgram(program: Command, io: Io): Promise<number> {
  if (io.argv.length === 0) {
    io.stdout.write(program.helpInformation());
    return ExitCode.generic;
  }
  try {
    await program.parseAsync(io.argv, { from: 'user' });
    return 0;
  } catch (thrown) {
    if (thrown instanceof ExitStatus) return thrown.status;
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return 0;
    throw new UserError(thrown.message.replace(/^error: /, '').replace(/\n\(/, ' ('), {
      exitCode: statusOf[thrown.code] ?? ExitCode.generic,
      hint: `see '${program.name()} --help'`,
      cause: thrown,
    });
  }
}

/** Thrown by an action that ends with a status of its own and has already said why. */
export class ExitStatus extends Error {
  constructor(readonly status: number) {
    super(`exit status ${status}`);
  }
}
