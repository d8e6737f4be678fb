import type { ScriptSession } from '../script/session.js';
import { type ApplySetting, applyInTransaction } from './apply.js';
import { ensureBundle } from './bundle.js';
import { type Comparison, compare } from './compare.js';
import { CommitUnknown, titleOf } from './failure.js';
import { requireMigrations } from './files.js';
import type { Tolerance } from './guard.js';
import { readHistory, requireHistory } from './history.js';
import type { Limits } from './limits.js';
import { withMigrationLock } from './lock.js';
import type { Migration } from './migration.js';
import { decide } from './observe.js';
import { type MigratorSession, withMigratorSession } from './open.js';
import type { Step, Wish } from './plan.js';
import { query } from './session.js';
import { settleCommit } from './settle.js';
import { adoptionSql } from './squash/adopt.js';
import { applyInSteps, type Resumption } from './steps.js';
import { describeTarget, surroundingsOf, type Workplace } from './workplace.js';

export interface MigrateOptions extends Tolerance {
  readonly limits: Limits;
  /** Apply the hectic bundle first. */
  readonly hook: boolean;
}

/** What a run has done, in order. */
export interface Done {
  readonly steps: readonly Pick<Step, 'migration' | 'direction'>[];
}

/**
 * Brings the database to where the wish says. Every step is committed with its row before the next one begins. Throws UserErrors:
 * nothing is done by then but what the reporter has been told.
 */
export async function migrate(workplace: Workplace, wish: Wish, options: MigrateOptions): Promise<Done> {
  const migrations = await requireMigrations(surroundingsOf(workplace));
  return withMigratorSession(workplace.connection, workplace.signal, async (opened) => {
    if (await isUpToDate(opened.session, workplace, migrations, wish, options)) return { steps: [] };
    return underLock(workplace, opened, options, async () => {
      const comparison = await observe(opened.session, migrations);
      await recordAdoptions(opened.session, comparison, workplace);
      const steps = await decide(opened.session, workplace, comparison, wish, options);
      return run(workplace, opened, comparison, steps, options);
    });
  });
}

/** Runs `use` with the lock held and the bundle in place. */
export async function underLock<T>(
  workplace: Workplace,
  { session }: MigratorSession,
  { hook }: Pick<MigrateOptions, 'hook'>,
  use: () => Promise<T>,
): Promise<T> {
  const { reporter, connection } = workplace;
  reporter.note(describeTarget(connection));
  const onWait = (holder: string) => reporter.note(`another migrator works on this database: waiting for ${holder}`);
  return withMigrationLock(session, onWait, async () => {
    if (hook) await ensureBundle(workplace, session);
    return use();
  });
}

/**
 * Asked without the lock: a run with nothing to do writes nothing and waits for nobody, and what is wrong is refused before anything is
 * done. What another migrator is in the middle of is looked at again when its lock can be had.
 */
async function isUpToDate(
  session: ScriptSession,
  workplace: Workplace,
  migrations: readonly Migration[],
  wish: Wish,
  tolerance: Tolerance,
): Promise<boolean> {
  const comparison = compare(await readHistory(session), migrations);
  if (comparison.unfinished.length > 0) return false;
  const silent = { ...workplace.reporter, warn: () => undefined };
  const steps = await decide(session, { ...workplace, reporter: silent }, comparison, wish, tolerance);
  return comparison.history.exists && comparison.adoptions.length === 0 && steps.length === 0;
}

async function observe(session: ScriptSession, migrations: readonly Migration[]): Promise<Comparison> {
  const history = await readHistory(session);
  requireHistory(history);
  return compare(history, migrations);
}

/** Lets squashed migrations take the place of those that they stand for, which are all applied. */
export async function recordAdoptions(
  session: ScriptSession,
  { adoptions, history }: Comparison,
  { reporter }: Workplace,
): Promise<void> {
  for (const adoption of adoptions) {
    await query(session, adoptionSql(adoption, history));
    const { migration, rows } = adoption;
    reporter.note(
      `${migration.name} takes the place of the ${rows.length} applied migrations that it was squashed from`,
    );
  }
}

/** Runs steps in order; what was done before one that fails is said. */
export async function run(
  workplace: Workplace,
  { session, pid, cleanup }: MigratorSession,
  { history }: Pick<Comparison, 'history'>,
  steps: readonly Step[],
  { limits }: Pick<MigrateOptions, 'limits'>,
  resumption?: Resumption,
): Promise<Done> {
  const { reporter, stdout, stderr } = workplace;
  const setting: ApplySetting = { ...workplace, output: { stdout, stderr }, limits, history, pid, cleanup };
  const done: Step[] = [];
  for (const step of steps) {
    try {
      workplace.signal?.throwIfAborted();
      await reporter.step(`${step.direction === 'up' ? 'apply' : 'undo'} ${step.migration}`, () =>
        applyStep(workplace, session, step, setting, resumption),
      );
      done.push(step);
    } catch (error) {
      reporter.note(summary(done, step, workplace.signal?.aborted === true));
      throw error;
    }
  }
  return { steps: done };
}

async function applyStep(
  workplace: Workplace,
  session: ScriptSession,
  step: Step,
  setting: ApplySetting,
  resumption: Resumption | undefined,
): Promise<void> {
  try {
    if (step.transactional) await applyInTransaction(session, step, setting);
    else await applyInSteps(session, step, setting, resumption);
  } catch (error) {
    if (!(error instanceof CommitUnknown)) throw error;
    await settleCommit(workplace, error);
  }
}

function summary(done: readonly Step[], failed: Step, isInterrupted: boolean): string {
  const names = done.map((step) => titleOf(step));
  const before =
    names.length === 0 ? 'nothing was done before it' : `done before it, and committed: ${names.join(', ')}`;
  if (!isInterrupted) return before;
  const state = failed.transactional ? 'was rolled back' : 'has stopped on its way; migrator status shows where';
  return `interrupted: ${titleOf(failed)} ${state}; ${before}`;
}
