import type { Command } from 'commander';
import type { MigrationStatus } from '../../migrate/status.js';
import type { Io } from '../run.js';
import { flagsOf, migratorSubcommand, openWorkplace } from './command.js';

interface StatusFlags {
  readonly json?: boolean;
  readonly check?: boolean;
}

export function statusCommand(io: Io): Command {
  return migratorSubcommand('status', 'show which migrations are applied, pending, edited, missing or failed')
    .option('--json', 'print it as JSON')
    .option('--check', 'end with 1 when something is pending, with 2 when something is edited, missing or failed')
    .action(async (_options, command: Command) => {
      const { json, check, ...flags } = flagsOf<StatusFlags>(command);
      const workplace = await openWorkplace(io, flags);
      const { observe } = await import('../../migrate/observe.js');
      const { statusOf, verdictOf } = await import('../../migrate/status.js');
      const { describeTarget } = await import('../../migrate/workplace.js');
      const comparison = await observe(workplace);
      const rows = statusOf(comparison);
      const target = describeTarget(workplace.connection);
      if (json)
        io.stdout.write(
          `${JSON.stringify({ target, history: comparison.history.exists, migrations: rows }, null, 2)}\n`,
        );
      else io.stdout.write(`${target}\n${describeRows(rows)}\n`);
      const verdict = check ? verdictOf(rows) : 0;
      const { ExitStatus } = await import('../program.js');
      if (verdict !== 0) throw new ExitStatus(verdict);
    });
}

function describeRows(rows: readonly MigrationStatus[]): string {
  const count = (state: string) => rows.filter((row) => row.state === state).length;
  const states = ['applied', 'pending', 'edited', 'missing', 'failed'];
  const counts = states.filter((state) => count(state) > 0).map((state) => `${count(state)} ${state}`);
  return [...rows.map(describeRow), counts.length === 0 ? 'no migrations' : counts.join(', ')].join('\n');
}

function describeRow({
  name,
  state,
  appliedAt,
  outOfOrder,
  coversEntryOnly,
  statement,
  error,
}: MigrationStatus): string {
  const remarks = [
    ...(appliedAt === null ? [] : [appliedAt]),
    ...(outOfOrder ? ['older than the last one applied'] : []),
    ...(coversEntryOnly ? ["the hash is an older tool's, of the entry file alone"] : []),
    ...(statement === undefined ? [] : [`stopped at its statement ${statement}`]),
    ...(error === undefined ? [] : [error.split('\n')[0]]),
  ];
  return `${state.padEnd(8)} ${name}${remarks.length === 0 ? '' : ` (${remarks.join('; ')})`}`;
}
