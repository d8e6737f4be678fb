import { withSession } from '../script/run.js';
import type { ScriptSession } from '../script/session.js';
import { checkScript } from './check.js';
import { type Comparison, compare } from './compare.js';
import { faultsError } from './fault.js';
import { requireMigrations } from './files.js';
import { guard, type Tolerance } from './guard.js';
import { readHistory } from './history.js';
import { plan, type Step, type Wish } from './plan.js';
import { query } from './session.js';
import { surroundingsOf, type Workplace } from './workplace.js';

/** Lends a session inside a transaction that can only read; nothing is locked, and nothing is left behind. */
export function withReadOnly<T>(
  { connection, signal }: Pick<Workplace, 'connection' | 'signal'>,
  use: (session: ScriptSession) => Promise<T>,
): Promise<T> {
  return withSession(connection, { signal }, async (session) => {
    await query(session, 'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const result = await use(session);
    await query(session, 'ROLLBACK');
    return result;
  });
}

/** What the database has, held against what is on disk. */
export async function observe(workplace: Workplace): Promise<Comparison> {
  const migrations = await requireMigrations(surroundingsOf(workplace));
  return withReadOnly(workplace, async (session) => compare(await readHistory(session), migrations));
}

/** The steps that `migrate` would take, and everything that it would refuse. Writes nothing. */
export async function dryRun(workplace: Workplace, wish: Wish, tolerance: Tolerance): Promise<readonly Step[]> {
  const migrations = await requireMigrations(surroundingsOf(workplace));
  return withReadOnly(workplace, async (session) => {
    const comparison = compare(await readHistory(session), migrations);
    return decide(session, workplace, comparison, wish, tolerance);
  });
}

/** The steps of the wish, none of which holds what it must not. */
export async function decide(
  session: ScriptSession,
  { directory, variables, reporter }: Workplace,
  comparison: Comparison,
  wish: Wish,
  tolerance: Tolerance,
): Promise<readonly Step[]> {
  await guard(session, comparison, wish, { ...tolerance, warn: reporter.warn });
  const steps = plan(comparison, wish);
  const faults = (await Promise.all(steps.map((step) => checkScript(step, variables)))).flat();
  if (faults.length > 0) throw faultsError(faults, directory);
  return steps;
}
