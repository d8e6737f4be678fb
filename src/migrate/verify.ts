import { compare } from './compare.js';
import { requireMigrations } from './files.js';
import { guard } from './guard.js';
import { readHistory } from './history.js';
import { withReadOnly } from './observe.js';
import { statusOf } from './status.js';
import { surroundingsOf, type Workplace } from './workplace.js';

export interface Verification {
  /** Applied migrations whose files are as they were applied. */
  readonly applied: number;
  /** Those of them whose hash, an older tool's, covers the entry file alone. */
  readonly entryOnly: readonly string[];
}

/** `migrator verify`: throws a UserError with what is missing, unfinished or edited, and how. Writes nothing. */
export async function verify(workplace: Workplace): Promise<Verification> {
  const migrations = await requireMigrations(surroundingsOf(workplace));
  return withReadOnly(workplace, async (session) => {
    const comparison = compare(await readHistory(session), migrations);
    await guard(
      session,
      comparison,
      { kind: 'down', count: 0 },
      { force: false, allowOutOfOrder: true, warn: undefined },
    );
    const rows = statusOf(comparison).filter(({ state }) => state === 'applied');
    const entryOnly = rows.filter(({ coversEntryOnly }) => coversEntryOnly).map(({ name }) => name);
    return { applied: rows.length, entryOnly };
  });
}
