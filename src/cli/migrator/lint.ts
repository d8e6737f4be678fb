import type { Command } from 'commander';
import { ExitCode } from '../../errors.js';
import type { Finding } from '../../migrate/lint/lint.js';
import type { LintReport } from '../../migrate/lint/migrations.js';
import { ExitStatus } from '../program.js';
import type { Io } from '../run.js';
import { directoryOf, flagsOf, migratorSubcommand, openWorkplace } from './command.js';

interface LintFlags {
  readonly json?: boolean;
  readonly rules?: boolean;
}

export function lintCommand(io: Io): Command {
  return migratorSubcommand('lint', 'look for statements that hurt a database in use; exit 1 when there are some')
    .argument('[names...]', 'migrations to look at; without any: what is pending with --db-url or DB_URL, else all')
    .option('--json', 'print the findings as JSON')
    .option('--rules', 'list what is looked for, and stop')
    .action(async (names: readonly string[], _options, command: Command) => {
      const flags = flagsOf<LintFlags>(command);
      if (flags.rules) return printRules(io);
      const report = await lintChosen(io, command, names);
      io.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : describeReport(report));
      if (report.findings.length > 0) throw new ExitStatus(ExitCode.generic);
    });
}

async function lintChosen(io: Io, command: Command, names: readonly string[]): Promise<LintReport> {
  const flags = flagsOf<LintFlags>(command);
  const { lintMigrations, lintPending } = await import('../../migrate/lint/migrations.js');
  const hasDatabase = Boolean(flags.dbUrl ?? io.env.DB_URL);
  if (names.length === 0 && hasDatabase) return lintPending(await openWorkplace(io, flags));
  const { readVariables } = await import('../../migrate/variables.js');
  return lintMigrations({ ...directoryOf(io, flags), variables: readVariables(flags.set ?? []) }, names);
}

/** `file:line: rule: what, and why it hurts`, with the remedy below. */
function describeReport({ migrations, findings }: LintReport): string {
  const count = `${migrations.length} migration${migrations.length === 1 ? '' : 's'}`;
  if (findings.length === 0) return `nothing dangerous in ${count}\n`;
  const places = new Set(findings.map(({ migration }) => migration)).size;
  const found = `${findings.length} finding${findings.length === 1 ? '' : 's'} in ${places} of ${count}`;
  return `${findings.map(describeFinding).join('')}${found}; -- lint:ignore RULE above a statement allows it\n`;
}

function describeFinding({ file, line, rule, relation, shape, lock, why, remedy }: Finding): string {
  const subject = relation === null ? shape : `${shape}: ${relation}`;
  const locked = lock === null ? why : `${why} (${lock} lock)`;
  return `${file}:${line}: ${rule}: ${subject}\n  ${locked}\n${remedy === null ? '' : `  instead: ${remedy}\n`}`;
}

async function printRules(io: Io): Promise<void> {
  const { blocks } = await import('../../migrate/lint/rule.js');
  const { rules } = await import('../../migrate/lint/rules.js');
  for (const { name, shape, lock, why, remedy } of rules) {
    const level = lock === undefined ? '' : `\n  lock: ${lock}, which ${blocks[lock]}`;
    io.stdout.write(`${name}: ${shape}${level}\n  why: ${why}\n  instead: ${remedy}\n`);
  }
}
