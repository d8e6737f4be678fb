import type { Query } from '../psql/lexer/query.js';
import { StatementBatch } from './batch.js';
import { endSession } from './connection.js';
import { recordStatement } from './record.js';
import { finished, followEvents } from './send.js';
import type { ScriptSession } from './session.js';
import { type SendOptions, StatementRun } from './statement.js';
import { canBeSentAhead, changesSession } from './transactions.js';

/** Statements under way at most, and how many of them may be left when there are so many. */
const limit = 256;
const batch = 128;

/**
 * Statements that have been read and not been waited for. Inside a transaction block they are sent without waiting for the ones before
 * them: when one fails the server refuses the ones behind it, so the effect is that of sending them one by one. What could undo that, and
 * everything outside a block, is sent when the one before it has succeeded (with ON_ERROR_STOP) or ended (without). What came of a
 * statement is shown as soon as it has been answered.
 *
 * Each is a simple Query. The extended protocol, with one Sync for many statements, would save the server a sixth of its time, but it hides
 * the rows of SELECTs that rules add to a command, takes `$1` for a parameter, and reads differently in the server's log.
 */
export class StatementsAhead {
  readonly #session: ScriptSession;
  readonly #batch: StatementBatch;
  /** Those that have not been answered. */
  readonly #queue: StatementRun[] = [];
  /** One under way has to wait for its turn, and so have those behind it. */
  #isFenced = false;
  /** False when one has failed since the last time that was asked for. */
  #isSound = true;
  /** What somebody who is told of results has thrown. */
  #thrown: { readonly error: unknown } | undefined;
  readonly #options: SendOptions = { onEnd: (run) => this.#ended(run) };

  constructor(session: ScriptSession) {
    this.#session = session;
    this.#batch = new StatementBatch(session);
  }

  /** True for a statement around which nothing has to be done. */
  accepts(query: Query): boolean {
    const { wire, settings, nextRequest, logOutput, options } = this.#session;
    if (
      wire === undefined ||
      options.beforeStatement !== undefined ||
      options.refuse?.(query.text) !== undefined ||
      query.copies > 0 ||
      !settings.isPlain ||
      nextRequest !== undefined ||
      logOutput !== undefined
    )
      return false;
    return settings.autocommit || (wire.transactionStatus === 'T' && !(this.#isFenced && this.#queue.length > 0));
  }

  /** Takes a statement on; false when one of those before it turns out to have failed. */
  push(query: Query): boolean | Promise<boolean> {
    if (this.#queue.length === 0 && this.#batch.accepts(query)) return this.#batch.push(query);
    return this.#batch.isEmpty ? this.#pushSingly(query) : this.#pushAfterBatch(query);
  }

  async #pushAfterBatch(query: Query): Promise<boolean> {
    const isSound = await this.#batch.conclude();
    return (isSound || !this.#session.settings.onErrorStop) && (await this.#pushSingly(query)) && isSound;
  }

  #pushSingly(query: Query): boolean | Promise<boolean> {
    const { wire, place, settings } = this.#session;
    if (this.#isStopped) return this.#settle(0);
    if (this.#queue.length === 0) this.#isFenced = false;
    this.#isFenced ||= wire?.transactionStatus !== 'T' || !canBeSentAhead(query.text);
    if (this.#isFenced) wire?.uncork();
    else wire?.cork();
    const run = new StatementRun(this.#session, wire!, query, this.#options, place);
    this.#queue.push(run);
    run.post(!this.#isFenced ? 'now' : settings.onErrorStop ? 'after success' : 'in turn');
    if (changesSession(query.text) || this.#session.options.batch) return this.conclude();
    return this.#queue.length < limit ? true : this.#settle(batch);
  }

  /** Waits for all of them; false when one has failed since the last time. */
  conclude(): boolean | Promise<boolean> {
    if (!this.#batch.isEmpty) return this.#batch.conclude();
    return this.#queue.length === 0 && this.#isSound && this.#thrown === undefined ? true : this.#settle(0);
  }

  /** Sends what is being held back, before something else is waited for. */
  release(): void {
    if (this.#queue.length > 0) this.#session.wire?.uncork();
  }

  /** True for a line whose meaning may depend on how statements before or in it end: to string syntax, or to psql's variables. */
  dependsOnReplies(line: string): boolean {
    return line.includes('\\') || (line.includes(':') && this.#mentionsOutcome(line));
  }

  #mentionsOutcome(line: string): boolean {
    for (const [, name] of line.matchAll(/:(?:['"]|\{\?)?([A-Za-z0-9_\u0080-\uffff]+)/g)) {
      if (outcomeVariables.test(name!) || this.#session.variables.get(name!)?.includes(':')) return true;
    }
    return false;
  }

  /** A failure with ON_ERROR_STOP: nothing behind it is sent any more, and nothing of what has been sent is shown. */
  get #isStopped(): boolean {
    return this.#thrown !== undefined || (!this.#isSound && this.#session.settings.onErrorStop);
  }

  /** Waits until no more than so many are under way, or for all when one has failed; false then. */
  async #settle(count: number): Promise<boolean> {
    const { wire, signal } = this.#session;
    wire?.uncork();
    await wire?.untilPending(count);
    if (this.#isStopped) await wire?.untilPending(0);
    const [isSound, isStopped, thrown] = [this.#isSound, this.#isStopped, this.#thrown];
    this.#isSound = true;
    this.#thrown = undefined;
    if (thrown !== undefined) throw thrown.error;
    signal?.throwIfAborted();
    const [unanswered] = this.#queue;
    if (wire?.lost !== undefined && unanswered !== undefined && !isStopped)
      endSession(this.#session, unanswered.last, unanswered.place);
    return isSound;
  }

  #ended(run: StatementRun): void {
    this.#queue.shift();
    if (this.#isStopped) return;
    try {
      this.#conclude(run);
    } catch (error) {
      this.#thrown = { error };
    }
    if (this.#isStopped) for (const next of this.#queue) next.mute();
  }

  /** A statement that is sent ahead has nothing that would have to be waited for. */
  #conclude(run: StatementRun): void {
    const session = this.#session;
    recordStatement(session, run.query, run.place);
    this.#isSound = finished(session, run) === true && this.#isSound;
    if (session.wire !== undefined) followEvents(session, session.wire);
  }
}

/** Variables that change with every statement. */
const outcomeVariables = /^(?:ERROR|SQLSTATE|ROW_COUNT|LASTOID|LAST_ERROR_\w+|ENCODING)$/;
