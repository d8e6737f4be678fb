import { ExitCode, UserError } from '../errors.js';
import type { ScriptSession } from '../script/session.js';
import { quoteLiteral } from '../sql/quote.js';
import { checkScript } from './check.js';
import { type Comparison, compare } from './compare.js';
import { renameToNow } from './create.js';
import { faultsError } from './fault.js';
import { requireMigrations } from './files.js';
import {
  forgetSql,
  type History,
  readHistory,
  recordSql,
  repairSql,
  requireHistory,
  type Unfinished,
} from './history.js';
import { type MigrateOptions, recordAdoptions, run, underLock } from './migrate.js';
import type { Migration, MigrationScript } from './migration.js';
import { observe } from './observe.js';
import { withMigratorSession } from './open.js';
import { requireName } from './plan.js';
import { mismatchError } from './refusals.js';
import { query } from './session.js';
import { resumptionOf } from './steps.js';
import { surroundingsOf, type Workplace } from './workplace.js';

/** `migrator repair NAME`: accepts the text that is on disk as the one that was applied, without running it. */
export function repair(workplace: Workplace, wanted: string): Promise<string> {
  return amend(workplace, { hook: false }, async (session, comparison) => {
    const name = requireName(comparison, wanted);
    const found = comparison.applied.find(({ row }) => row.name === name);
    if (found === undefined) throw notApplied(name);
    await inOneTransaction(session, repairSql(found.migration.up, comparison.history));
    return name;
  });
}

/** `migrator repair --forget NAME`: removes the row of a migration, which then counts as not applied. */
export function forget(workplace: Workplace, name: string): Promise<string> {
  return amend(workplace, { hook: false }, async (session, { history }) => {
    if (!history.applied.some((row) => row.name === name)) throw notApplied(name);
    await inOneTransaction(session, forgetSql(name, history));
    return name;
  });
}

/** `migrator fake NAME`: records a pending migration as applied, without running it. */
export function fake(
  workplace: Workplace,
  wanted: string,
  options: Pick<MigrateOptions, 'hook' | 'allowOutOfOrder'>,
): Promise<string> {
  return amend(workplace, options, async (session, comparison) => {
    const name = requireName(comparison, wanted);
    const migration = comparison.pending.find((one) => one.name === name);
    if (migration === undefined) throw new UserError(`${name} is applied already`, { exitCode: ExitCode.ambiguous });
    const { history, migrations } = comparison;
    const row = { id: '', name, hash: migration.up.hash, appliedAt: '' };
    const after = compare({ ...history, applied: sorted([...history.applied, row]) }, migrations);
    const error = mismatchError(after, options.allowOutOfOrder);
    if (error !== undefined) throw error;
    await inOneTransaction(session, recordAll([migration], history));
    return name;
  });
}

/** `migrator baseline NAME`: records everything up to NAME as applied in a database that has no history yet. */
export function baseline(
  workplace: Workplace,
  wanted: string,
  options: Pick<MigrateOptions, 'hook'>,
): Promise<readonly string[]> {
  return amend(workplace, options, async (session, comparison) => {
    const name = requireName(comparison, wanted);
    const { history, migrations } = comparison;
    if (history.applied.length > 0) {
      throw new UserError(`the database has a history already, its last migration is ${history.applied.at(-1)?.name}`, {
        exitCode: ExitCode.ambiguous,
        hint: "a single migration is recorded with 'migrator fake'",
      });
    }
    const recorded = migrations.filter((migration) => migration.name <= name);
    await inOneTransaction(session, recordAll(recorded, history));
    return recorded.map((migration) => migration.name);
  });
}

/** `migrator rebase NAME`: renames a pending migration to now, so that it comes after all others. Answers both names. */
export async function rebase(workplace: Workplace, wanted: string): Promise<readonly [from: string, to: string]> {
  const comparison = await observe(workplace);
  const name = requireName(comparison, wanted);
  const migration = comparison.pending.find((one) => one.name === name);
  if (migration === undefined) {
    throw new UserError(`${name} is applied: it keeps its name`, { exitCode: ExitCode.ambiguous });
  }
  return [name, await renameToNow(migration)];
}

/** What to do with a migration that stopped on its way: its statement again, the one behind it, or nothing. */
export type ResumeWay = 'again' | 'skip' | 'abandon';

/** `migrator resume NAME`. */
export function resume(workplace: Workplace, name: string, way: ResumeWay, options: MigrateOptions): Promise<string> {
  const { signal, connection } = workplace;
  return withMigratorSession(connection, signal, (opened) =>
    underLock(workplace, opened, { hook: false }, async () => {
      const { session } = opened;
      const comparison = await read(workplace, session);
      const unfinished = comparison.unfinished.find((one) => one.name === name);
      if (unfinished === undefined) throw nothingToResume(name, comparison.unfinished);
      if (way === 'abandon') {
        await query(session, `DELETE FROM hectic.migration_progress WHERE name = ${quoteLiteral(name)}`);
        return name;
      }
      const script = await scriptOf(workplace, comparison, unfinished);
      await run(workplace, opened, comparison, [script], options, resumptionOf(unfinished, way === 'skip'));
      return name;
    }),
  );
}

async function scriptOf(
  { directory, variables }: Workplace,
  comparison: Comparison,
  { name, direction }: Unfinished,
): Promise<MigrationScript> {
  const migration = comparison.migrations.find((one) => one.name === requireName(comparison, name));
  const script = direction === 'up' ? migration?.up : migration?.down;
  if (script === undefined || script.transactional) {
    throw new UserError(`${name} was begun without a transaction, and its files now say otherwise`, {
      exitCode: ExitCode.ambiguous,
      hint: "put the line '-- migrate:no-transaction' back, or forget that it was begun: migrator resume --abandon",
    });
  }
  const faults = await checkScript(script, variables);
  if (faults.length > 0) throw faultsError(faults, directory);
  return script;
}

/** Runs `use` under the lock, with what the database has and what is on disk. */
async function amend<T>(
  workplace: Workplace,
  options: Pick<MigrateOptions, 'hook'>,
  use: (session: ScriptSession, comparison: Comparison) => Promise<T>,
): Promise<T> {
  return withMigratorSession(workplace.connection, workplace.signal, (opened) =>
    underLock(workplace, opened, options, async () => use(opened.session, await read(workplace, opened.session))),
  );
}

async function read(workplace: Workplace, session: ScriptSession): Promise<Comparison> {
  const migrations = await requireMigrations(surroundingsOf(workplace));
  const history = await readHistory(session);
  requireHistory(history);
  const comparison = compare(history, migrations);
  await recordAdoptions(session, comparison, workplace);
  return comparison;
}

async function inOneTransaction(session: ScriptSession, sql: string): Promise<void> {
  await query(session, `BEGIN;\n${sql};\nCOMMIT`);
}

/** What was noted of one that stopped on its way goes with it. */
function recordAll(migrations: readonly Migration[], history: History): string {
  const notes = ({ name }: Migration) =>
    history.keepsSources ? [`DELETE FROM hectic.migration_progress WHERE name = ${quoteLiteral(name)}`] : [];
  return migrations.flatMap((migration) => [recordSql(migration.up, history), ...notes(migration)]).join(';\n');
}

function sorted<T extends { readonly name: string }>(rows: readonly T[]): readonly T[] {
  return [...rows].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function notApplied(name: string): UserError {
  return new UserError(`${name} is not applied`, {
    exitCode: ExitCode.ambiguous,
    hint: 'migrator status shows what is',
  });
}

function nothingToResume(name: string, unfinished: readonly Unfinished[]): UserError {
  const [other] = unfinished;
  return new UserError(`'${name}' has not stopped on its way`, {
    exitCode: ExitCode.notFound,
    hint: other === undefined ? 'no migration has' : `'${other.name}' has`,
  });
}
