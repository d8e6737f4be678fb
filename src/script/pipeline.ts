import type { RequestEnd } from '../postgres/wire.js';
import type { Query } from '../psql/lexer/query.js';
import { StatementBatch } from './batch.js';
import { recordStatement } from './record.js';
import { concluded, followEvents } from './send.js';
import type { ScriptSession } from './session.js';
import { StatementRun } from './statement.js';
import { canBeSentAhead, changesSession } from './transactions.js';

/** Statements under way at most, and how many of them are waited for when there are so many. */
const limit = 256;
const batch = 128;

interface Ahead {
  readonly run: StatementRun;
  readonly started: Promise<RequestEnd>;
}

/**
 * Statements that have been read and not been waited for. Inside a transaction block they are sent without waiting for the ones before
 * them: when one fails the server refuses the ones behind it, so the effect is that of sending them one by one. What could undo that, and
 * everything outside a block, is sent when the one before it has succeeded (with ON_ERROR_STOP) or ended (without).
 */
export class StatementsAhead {
  readonly #session: ScriptSession;
  #queue: Ahead[] = [];
  /** One under way has to wait for its turn, and so have those behind it. */
  #isFenced = false;

  readonly #batch: StatementBatch;

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
    if (this.#queue.length === 0) this.#isFenced = false;
    this.#isFenced ||= wire?.transactionStatus !== 'T' || !canBeSentAhead(query.text);
    if (this.#queue.length === 0 && !this.#isFenced) wire?.cork();
    else if (this.#isFenced) wire?.uncork();
    const turn = !this.#isFenced ? 'now' : settings.onErrorStop ? 'after success' : 'in turn';
    const run = new StatementRun(this.#session, wire!, query, {}, place);
    const started = run.start(turn);
    // A lost connection rejects all of them; it is reported where the first is waited for.
    started.catch(() => undefined);
    this.#queue.push({ run, started });
    if (changesSession(query.text) || this.#session.options.batch) return this.conclude();
    return this.#queue.length < limit ? true : this.#settle(batch);
  }

  /** Waits for all of them; false when one failed. */
  conclude(): boolean | Promise<boolean> {
    if (!this.#batch.isEmpty) return this.#batch.conclude();
    return this.#queue.length === 0 ? true : this.#settle(this.#queue.length);
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

  async #settle(count: number): Promise<boolean> {
    const { wire, settings } = this.#session;
    wire?.uncork();
    const first = this.#queue.splice(0, count);
    if (this.#queue.length > 0 && !this.#isFenced) wire?.cork();
    let isSound = true;
    for (const { run, started } of first) {
      if (isSound || !settings.onErrorStop) isSound = (await this.#conclude(run, started)) && isSound;
      else await started;
    }
    return isSound || this.#abandon();
  }

  async #conclude(run: StatementRun, started: Promise<RequestEnd>): Promise<boolean> {
    recordStatement(this.#session, run.query, run.place);
    const isSound = await concluded(this.#session, run, started);
    const { wire } = this.#session;
    if (wire !== undefined) followEvents(this.#session, wire);
    return isSound;
  }

  /** With ON_ERROR_STOP nothing behind a failure is shown: the server has refused it, or it was not sent. */
  async #abandon(): Promise<false> {
    if (!this.#session.settings.onErrorStop) return false;
    this.#session.wire?.uncork();
    await Promise.all(this.#queue.splice(0).map(({ started }) => started));
    return false;
  }
}

/** Variables that change with every statement. */
const outcomeVariables = /^(?:ERROR|SQLSTATE|ROW_COUNT|LASTOID|LAST_ERROR_\w+|ENCODING)$/;
