import { setTimeout as wait } from 'node:timers/promises';
import { withSession } from '../script/run.js';
import { type CommitUnknown, MigrationFailed, titleOf } from './failure.js';
import { readHistory } from './history.js';
import { withMigrationLock } from './lock.js';
import type { Workplace } from './workplace.js';

/** How long it is tried to find out how a COMMIT ended, in milliseconds. */
const patience = 15_000;

/**
 * Finds out on a new connection how a COMMIT ended whose answer was lost: once the migrator's lock can be had again, the old session is
 * over and its row is there or is not. Throws MigrationFailed in every case, as the connection is gone.
 */
export async function settleCommit(workplace: Workplace, { script, cause }: CommitUnknown): Promise<never> {
  const state = await askAgain(workplace, script.migration).catch(() => undefined);
  const isDone = state === undefined ? undefined : state === (script.direction === 'up');
  const end =
    isDone === undefined
      ? `it is not known whether ${titleOf(script)} was committed`
      : `${titleOf(script)} ${isDone ? 'was committed' : 'was rolled back'}`;
  throw new MigrationFailed(script, `the connection was lost while the server committed: ${end}`, {
    hint: 'run again when the server can be reached: it goes on where the history ends',
    cause,
  });
}

/** Whether the migration has its row. */
async function askAgain({ connection, signal }: Workplace, migration: string): Promise<boolean> {
  const limited = AbortSignal.any([AbortSignal.timeout(patience), ...(signal === undefined ? [] : [signal])]);
  for (;;) {
    try {
      return await withSession(connection, { signal: limited }, (session) =>
        withMigrationLock(
          session,
          () => undefined,
          async () => {
            const { applied } = await readHistory(session);
            return applied.some(({ name }) => name === migration);
          },
        ),
      );
    } catch (error) {
      if (limited.aborted) throw error;
      await wait(500, undefined, { signal: limited });
    }
  }
}
