import { setTimeout as wait } from 'node:timers/promises';
import type { ScriptError } from '../script/errors.js';
import type { ScriptSession } from '../script/session.js';
import { withBlockerWatch } from './blockers.js';
import { transactionFault } from './check.js';
import { CommitUnknown, MigrationFailed, titleOf } from './failure.js';
import { type History, recordSql } from './history.js';
import { defaultLockTimeout, type Limits, shownDuration } from './limits.js';
import { holdsLock } from './lock.js';
import type { MigrationScript } from './migration.js';
import type { Reporter } from './reporter.js';
import { isPassing, retryDelay } from './retry.js';
import { describeErrors, runMigrationScript, type ScriptSetting } from './run-script.js';
import { isLost, query, Refused } from './session.js';

/** What applying a migration needs besides its session and its script. */
export interface ApplySetting extends ScriptSetting {
  readonly limits: Limits;
  readonly reporter: Reporter;
  readonly history: Pick<History, 'keepsSources'>;
  /** The server process behind the session. */
  readonly pid: number;
  /** Statements that give the session back its settings after an earlier script. */
  readonly cleanup: string;
}

/** How one attempt ended; what is `passing` may be tried again. */
type Attempt =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      readonly text: string;
      readonly isPassing: boolean;
      readonly blocker: string | undefined;
    };

/**
 * Runs a migration and makes its row follow, in one transaction. What waits too long for a lock is rolled back and tried again.
 * Throws MigrationFailed when nothing of it is in the database, CommitUnknown when the connection went with the COMMIT.
 */
export async function applyInTransaction(
  session: ScriptSession,
  script: MigrationScript,
  setting: ApplySetting,
): Promise<void> {
  const { limits, reporter, signal } = setting;
  const timeout = limits.lockTimeout ?? defaultLockTimeout;
  for (let tries = 0; ; tries++) {
    const attempt = await tryOnce(session, script, { ...setting, limits: { ...limits, lockTimeout: timeout } });
    if (attempt.kind === 'done') return;
    if (!attempt.isPassing || tries >= limits.lockRetries) throw failure(script, attempt, tries);
    const delay = retryDelay(tries, timeout);
    const reason = attempt.blocker === undefined ? '' : `: it is held by ${attempt.blocker}`;
    reporter.note(
      `${titleOf(script)} waited more than ${shownDuration(timeout)} for a lock and was rolled back${reason}\n` +
        `it is tried again in ${shownDuration(delay)} (${tries + 1} of ${limits.lockRetries})`,
    );
    await wait(delay, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  }
}

function failure(script: MigrationScript, { text, isPassing, blocker }: Attempt & { kind: 'failed' }, tries: number) {
  const after = tries === 0 ? '' : ` after ${tries + 1} attempts`;
  const lock =
    blocker === undefined
      ? 'a longer --lock-timeout or more --lock-retries may help'
      : `the lock is held by ${blocker}\nend that session, or give a longer --lock-timeout`;
  const hint = `nothing of it is in the database${isPassing ? `; ${lock}` : '; correct it and run again'}`;
  return new MigrationFailed(script, `${titleOf(script)} failed and was rolled back${after}\n${text}`, { hint });
}

async function tryOnce(session: ScriptSession, script: MigrationScript, setting: ApplySetting): Promise<Attempt> {
  const { limits, pid } = setting;
  const { config } = session;
  const interval = Math.min(Math.max((limits.lockTimeout ?? 0) / 4, 25), 1000);
  if (config === undefined) throw lost(script);
  return withBlockerWatch({ config, pid, interval }, async (watch) => {
    try {
      await begin(session, script, setting);
      const { isSound, errors } = await runMigrationScript(session, script, setting, { refuse: transactionFault });
      if (session.wire === undefined) throw lost(script, describeErrors(errors, setting.cwd));
      if (isSound && session.wire.transactionStatus === 'T') return await commit(session, script, setting);
      return { ...describeFailure(errors, setting.cwd), blocker: await rollBack(session, watch.seen) };
    } catch (error) {
      if (error instanceof Refused) return { ...refusal(error), blocker: await rollBack(session, watch.seen) };
      if (isLost(error)) throw lost(script);
      // After an interruption the connection is closed, and the server rolls back.
      if (!setting.signal?.aborted && !(error instanceof CommitUnknown)) await rollBack(session, undefined);
      throw error;
    }
  });
}

async function begin(
  session: ScriptSession,
  { migration }: MigrationScript,
  { cleanup, limits }: ApplySetting,
): Promise<void> {
  const timeouts = [
    `SET LOCAL lock_timeout = ${limits.lockTimeout ?? 0}`,
    ...(limits.statementTimeout === undefined ? [] : [`SET LOCAL statement_timeout = ${limits.statementTimeout}`]),
  ];
  const [[isHeld] = []] = await query(session, [cleanup, 'BEGIN', ...timeouts, `SELECT ${holdsLock}`].join(';\n'));
  if (isHeld !== 't') throw new MigrationFailed({ migration, direction: 'up' }, lockLost, { hint: lockHint });
}

/** The lock is the session's; whoever shares the session, or gives up all its locks, takes it away. */
export const lockLost = "the migrator's lock is not held by the session that would run the migration";
export const lockHint =
  'a pooler between the migrator and the server may hand its statements to several sessions: connect to the server directly\n' +
  'a migration may have called pg_advisory_unlock_all(): it must not';

async function commit(session: ScriptSession, script: MigrationScript, { history }: ApplySetting): Promise<Attempt> {
  try {
    await query(session, `RESET SESSION AUTHORIZATION;\nRESET ROLE;\n${recordSql(script, history)};\nCOMMIT`);
    return { kind: 'done' };
  } catch (error) {
    if (isLost(error)) throw new CommitUnknown(script, error);
    throw error;
  }
}

async function rollBack(session: ScriptSession, blocker: string | undefined): Promise<string | undefined> {
  await query(session, 'ROLLBACK').catch((error: unknown) => {
    // Whoever comes next finds that out; the failure that led here is the one to report.
    if (!isLost(error)) throw error;
  });
  return blocker;
}

function describeFailure(
  errors: readonly ScriptError[],
  cwd: string,
): { kind: 'failed'; text: string; isPassing: boolean } {
  const text =
    describeErrors(errors, cwd) || 'its transaction had failed at its end, although no error was left to report';
  return { kind: 'failed', text, isPassing: isPassing(errors.at(-1)?.sqlstate) };
}

/** COMMIT, or the row, was refused: a deferred constraint does that. */
function refusal({ message, sqlstate, fields }: Refused): { kind: 'failed'; text: string; isPassing: boolean } {
  const detail = fields.D === undefined ? '' : `\ndetail: ${fields.D}`;
  return { kind: 'failed', text: `${message} (SQLSTATE ${sqlstate})${detail}`, isPassing: isPassing(sqlstate) };
}

function lost(script: MigrationScript, text = ''): MigrationFailed {
  const message = `the connection was lost while ${titleOf(script)} ran${text === '' ? '' : `\n${text}`}`;
  return new MigrationFailed(script, message, {
    hint: 'the server rolls it back; run again when the server can be reached',
  });
}
