import { createHash } from 'node:crypto';
import type { ScriptStatement } from '../script/options.js';
import type { ScriptSession } from '../script/session.js';
import { leadingWords } from '../script/transactions.js';
import { quoteLiteral } from '../sql/quote.js';
import { type ApplySetting, lockHint, lockLost } from './apply.js';
import { CommitUnknown, MigrationFailed, titleOf } from './failure.js';
import { recordSql, type Unfinished } from './history.js';
import { holdsLock } from './lock.js';
import type { MigrationScript } from './migration.js';
import { describeErrors, runMigrationScript } from './run-script.js';
import { isLost, query, Refused } from './session.js';

/** Where to go on in a migration that has been begun: at this statement, when those before it are the ones that were run. */
export interface Resumption {
  readonly statement: number;
  /** SHA-256 over the statements that are done; undefined when it is not to be checked. */
  readonly done: string | undefined;
}

/** The place at which a migration stopped, to run its statement again or to leave it out. */
export function resumptionOf({ statement, done }: Unfinished, skip: boolean): Resumption {
  return { statement: skip ? statement + 1 : statement, done: skip ? undefined : done };
}

/**
 * Runs a migration statement by statement, each in a transaction of its own unless the script says otherwise, and keeps in
 * `hectic.migration_progress` which one is under way: on the same session, so that the note and a transaction of the script share
 * their fate. Throws MigrationFailed; what is done by then stays, and the note says where to go on.
 */
export async function applyInSteps(
  session: ScriptSession,
  script: MigrationScript,
  setting: ApplySetting,
  from: Resumption = { statement: 1, done: undefined },
): Promise<void> {
  requirePlace(script, setting);
  const steps = new Steps(session, script, from);
  try {
    await prepare(session, script, setting);
    const { isSound, errors } = await runMigrationScript(session, script, setting, {
      beforeStatement: (statement) => steps.before(statement),
    });
    const text = describeErrors(errors, setting.cwd);
    if (session.wire === undefined) throw lost(script, steps.count, text);
    if (!isSound) throw await stopped(session, script, steps, text);
    if (session.wire.transactionStatus !== 'I') {
      await query(session, 'ROLLBACK');
      throw await stopped(session, script, steps, 'it leaves a transaction open at its end, which was rolled back');
    }
    await finish(session, script, setting);
  } catch (error) {
    if (error instanceof Refused)
      throw await stopped(session, script, steps, `${error.message} (SQLSTATE ${error.sqlstate})`);
    throw isLost(error) ? lost(script, steps.count) : error;
  }
}

/** Counts the statements of a script, and keeps the count in the database. */
class Steps {
  count = 0;
  #hash = createHash('sha256');
  readonly #session: ScriptSession;
  readonly #script: MigrationScript;
  readonly #from: Resumption;

  constructor(session: ScriptSession, script: MigrationScript, from: Resumption) {
    this.#session = session;
    this.#script = script;
    this.#from = from;
  }

  async before({ text }: ScriptStatement): Promise<'send' | 'skip'> {
    this.count++;
    const done = this.#hash.copy().digest('hex');
    this.#hash.update(`${text.length}\n${text}`);
    if (this.count < this.#from.statement) return setsSession(text) ? 'send' : 'skip';
    if (this.count === this.#from.statement && this.#from.done !== undefined) this.#requireSame(done);
    await this.#note(text, done);
    return 'send';
  }

  #requireSame(done: string): void {
    if (done === this.#from.done) return;
    throw new MigrationFailed(
      this.#script,
      `${titleOf(this.#script)} cannot be resumed: the statements that are done were edited`,
      {
        hint: "restore them, or say where to go on: 'migrator resume --skip' or 'migrator resume --abandon'",
      },
    );
  }

  /** In a transaction that has failed nothing can be written, and nothing has to: it goes back to what was noted before it. */
  async #note(text: string, done: string): Promise<void> {
    if (this.#session.wire?.transactionStatus === 'E') return;
    const { migration, direction, hash } = this.#script;
    const values = [migration, direction, hash].map(quoteLiteral);
    const [[isHeld] = []] = await query(
      this.#session,
      `INSERT INTO hectic.migration_progress AS p (name, direction, hash, statement, done, text)
       VALUES (${values.join(', ')}, ${this.count}, ${quoteLiteral(done)}, ${quoteLiteral(text.slice(0, 2000))})
       ON CONFLICT (name) DO UPDATE SET direction = EXCLUDED.direction, hash = EXCLUDED.hash, statement = EXCLUDED.statement,
         done = EXCLUDED.done, text = EXCLUDED.text, error = NULL, updated_at = pg_catalog.now()
       RETURNING ${holdsLock}`,
    );
    if (isHeld !== 't') throw new MigrationFailed(this.#script, lockLost, { hint: lockHint });
  }
}

/** Settings of the session are made again when their statements were run by another session. */
function setsSession(text: string): boolean {
  const [word = ''] = leadingWords(text, 1);
  return word === 'set' || word === 'reset' || /\bset_config\b/i.test(text);
}

function requirePlace(script: MigrationScript, { history }: ApplySetting): void {
  if (history.keepsSources) return;
  throw new MigrationFailed(
    script,
    `${titleOf(script)} runs without a transaction, and there is no place to note how far it comes`,
    {
      hint: "nothing of it was run; 'migrator init' makes that place, the table hectic.migration_progress",
    },
  );
}

async function prepare(
  session: ScriptSession,
  script: MigrationScript,
  { cleanup, limits }: ApplySetting,
): Promise<void> {
  const timeouts = [
    ...(limits.lockTimeout === undefined ? [] : [`SET lock_timeout = ${limits.lockTimeout}`]),
    ...(limits.statementTimeout === undefined ? [] : [`SET statement_timeout = ${limits.statementTimeout}`]),
  ];
  const [[isHeld] = []] = await query(session, [cleanup, ...timeouts, `SELECT ${holdsLock}`].join(';\n'));
  if (isHeld !== 't') throw new MigrationFailed(script, lockLost, { hint: lockHint });
}

async function finish(
  session: ScriptSession,
  script: MigrationScript,
  { cleanup, history }: ApplySetting,
): Promise<void> {
  const forget = `DELETE FROM hectic.migration_progress WHERE name = ${quoteLiteral(script.migration)}`;
  try {
    await query(session, [cleanup, 'BEGIN', recordSql(script, history), forget, 'COMMIT'].join(';\n'));
  } catch (error) {
    throw isLost(error) ? new CommitUnknown(script, error) : error;
  }
}

/** The server's refusal is noted beside the statement. */
async function stopped(
  session: ScriptSession,
  script: MigrationScript,
  { count }: Steps,
  text: string,
): Promise<MigrationFailed> {
  const name = quoteLiteral(script.migration);
  const note = `UPDATE hectic.migration_progress SET error = ${quoteLiteral(text.slice(0, 2000))} WHERE name = ${name}`;
  // A script that stopped inside a transaction of its own leaves that; RESET ROLE lets the note be written.
  await query(session, 'ROLLBACK')
    .then(() => query(session, `RESET SESSION AUTHORIZATION;\nRESET ROLE;\n${note}`))
    .catch((error: unknown) => {
      if (!(error instanceof Refused) && !isLost(error)) throw error;
    });
  const message = `${titleOf(script)} stopped at its statement ${count}: it runs without a transaction, so what came before stays\n${text}`;
  return new MigrationFailed(script, message, { hint: resumeHint(script) });
}

function lost(script: MigrationScript, count: number, text = ''): MigrationFailed {
  const where = count === 0 ? 'before its first statement' : `in its statement ${count}`;
  const message = `the connection was lost while ${titleOf(script)} ran without a transaction, ${where}`;
  return new MigrationFailed(script, text === '' ? message : `${message}\n${text}`, { hint: resumeHint(script) });
}

function resumeHint({ migration }: MigrationScript): string {
  return [
    `correct it and go on with that statement: migrator resume '${migration}'`,
    `go on behind it: migrator resume --skip '${migration}'`,
    `undo by hand what is done, and forget that it was begun: migrator resume --abandon '${migration}'`,
  ].join('\n');
}
