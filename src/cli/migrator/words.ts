import type { Command } from 'commander';
import { ExitCode, UserError } from '../../errors.js';

/** The migrator's subcommands, and those of `migrate`. */
const names = {
  migrator: [
    ...['init', 'migrate', 'create', 'list', 'status', 'plan', 'verify', 'baseline', 'repair', 'redo', 'fake'],
    ...['rebase', 'resume', 'lint', 'roundtrip', 'squash'],
  ],
  migrate: ['up', 'down', 'to'],
} as const satisfies Record<string, readonly string[]>;

export function subcommandNames(program: keyof typeof names): readonly string[] {
  return names[program];
}

/** Throws a UserError for words behind a subcommand that it does not take: a second subcommand is ambiguous. */
export function refuseExtra(command: Command, program: keyof typeof names): void {
  const [extra] = command.args.slice(command.registeredArguments.length);
  if (extra === undefined || command.registeredArguments.at(-1)?.variadic) return;
  if (names.migrator.some((name) => name === extra) || subcommandNames(program).includes(extra)) {
    const title = program === 'migrate' ? 'ambiguous migrate subcommand' : 'ambiguous subcommand';
    throw new UserError(`${title}: both '${command.name()}' and '${extra}'`, { exitCode: ExitCode.ambiguous });
  }
  throw new UserError(`'${extra}' is one argument too many for '${command.name()}'`, {
    exitCode: ExitCode.notFound,
    hint: `see 'migrator ${command.name()} --help'`,
  });
}
