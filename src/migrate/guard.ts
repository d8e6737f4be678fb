import type { ScriptSession } from '../script/session.js';
import type { AppliedMigration, Comparison } from './compare.js';
import { editedError } from './edited.js';
import type { Wish } from './plan.js';
import { mismatchError, unfinishedError } from './refusals.js';

/** What the user has allowed. */
export interface Tolerance {
  /** Go on past a mismatch and past edited migrations, with a warning. */
  readonly force: boolean;
  /** Apply pending migrations that are older than the last one applied. */
  readonly allowOutOfOrder: boolean;
}

/**
 * Throws a UserError when the history and the files do not fit together. With `force` it warns instead, which a
 * caller that only asks leaves out; a migration that stopped on its way is no matter of force.
 */
export async function guard(
  session: ScriptSession,
  comparison: Comparison,
  wish: Wish,
  { force, allowOutOfOrder, warn }: Tolerance & { readonly warn: ((text: string) => void) | undefined },
): Promise<void> {
  const [unfinished] = comparison.unfinished;
  if (unfinished !== undefined) throw unfinishedError(unfinished);
  const goesUp = wish.kind === 'up' || wish.kind === 'to';
  const mismatch = mismatchError(comparison, allowOutOfOrder || !goesUp);
  const edited = comparison.edited.filter((one) => !isRedone(one, comparison, wish));
  const changed = edited.length === 0 ? undefined : await editedError(session, comparison.history, edited);
  for (const error of [mismatch, changed]) {
    if (error === undefined) continue;
    if (!force) throw error;
    warn?.(`${error.message}\ngoing on all the same, because of --force`);
  }
}

/** To be done again is a way out for what was edited. */
function isRedone({ row }: AppliedMigration, { applied }: Comparison, wish: Wish): boolean {
  if (wish.kind !== 'redo') return false;
  const from = wish.name ?? applied.at(-1)?.row.name ?? '';
  return row.name >= from || row.name.startsWith(from);
}
