import type { Wire } from '../postgres/wire.js';
import type { Query } from '../psql/lexer/query.js';
import { endSession } from './connection.js';
import { recordStatement } from './record.js';
import { type ResultEvents, ResultReader } from './results.js';
import { concluded, followEvents } from './send.js';
import type { ScriptSession } from './session.js';
import { StatementRun } from './statement.js';
import { canShareTransaction } from './transactions.js';

/** Statements of one transaction at most. */
const limit = 400;

/**
 * Statements outside transactions that are sent ahead in one transaction of ours (`--batch`). When one of them fails, or the commit does,
 * nothing of it has happened, and they are run again one by one: the outcome is that of running them so from the start, but for what
 * depends on the transaction itself, such as now(). Nothing is shown before it is certain.
 */
export class StatementBatch {
  readonly #session: ScriptSession;
  #batched: StatementRun[] = [];

  constructor(session: ScriptSession) {
    this.#session = session;
  }

  get isEmpty(): boolean {
    return this.#batched.length === 0;
  }

  /** True for a statement that may share a transaction with others. */
  accepts(query: Query): boolean {
    const { wire, settings, options } = this.#session;
    if (!options.batch || !settings.autocommit || !canShareTransaction(query.text)) return false;
    return !this.isEmpty || wire?.transactionStatus === 'I';
  }

  push(query: Query): boolean | Promise<boolean> {
    const { wire, place } = this.#session;
    if (this.isEmpty) {
      wire?.cork();
      wire?.post('BEGIN', new ResultReader(wire, silently(wire)), 'now');
    }
    const run = new StatementRun(this.#session, wire!, query, { isDeferred: true }, place);
    run.post('now');
    this.#batched.push(run);
    return this.#batched.length < limit ? true : this.conclude();
  }

  /** Commits and shows what was done, or does it again statement by statement; false when one failed. */
  conclude(): boolean | Promise<boolean> {
    return this.isEmpty ? true : this.#conclude();
  }

  async #conclude(): Promise<boolean> {
    const session = this.#session;
    const { wire } = session;
    const batched = this.#batched;
    this.#batched = [];
    const commit = new ResultReader(wire!, silently(wire!));
    wire?.post('COMMIT', commit, 'now');
    wire?.uncork();
    await wire?.untilPending(0);
    session.signal?.throwIfAborted();
    if (wire?.lost !== undefined) this.#endAt(batched, wire.pending);
    const { last } = commit;
    const isDone = last?.kind === 'command' && last.tag === 'COMMIT';
    return isDone ? this.#show(batched) : this.#replay(batched);
  }

  /** The connection was lost at the first request that has not been answered: the BEGIN, a statement, or the COMMIT. */
  #endAt(batched: readonly StatementRun[], pending: number): never {
    const index = batched.length + 1 - pending;
    const run = batched[Math.max(0, Math.min(index, batched.length - 1))]!;
    endSession(this.#session, run.last, run.place);
  }

  async #show(batched: readonly StatementRun[]): Promise<boolean> {
    let isSound = true;
    for (const run of batched) {
      recordStatement(this.#session, run.query, run.place);
      const finishing = run.finish();
      isSound = (typeof finishing === 'boolean' ? finishing : await finishing) && isSound;
      this.#follow();
    }
    return isSound;
  }

  async #replay(batched: readonly StatementRun[]): Promise<boolean> {
    let isSound = true;
    for (const { query, place } of batched) {
      if (!isSound && this.#session.settings.onErrorStop) break;
      recordStatement(this.#session, query, place);
      const again = new StatementRun(this.#session, this.#session.wire!, query, {}, place);
      isSound = (await concluded(this.#session, again)) && isSound;
      this.#follow();
    }
    return isSound;
  }

  #follow(): void {
    const { wire } = this.#session;
    if (wire !== undefined) followEvents(this.#session, wire);
  }
}

/** What a statement of our own brings besides its result means nothing, but for what it notifies. */
function silently({ notifications }: Wire): ResultEvents {
  return {
    notice: () => undefined,
    notified: (notification) => void notifications.push(notification),
    result: () => undefined,
    copyIn: () => undefined,
    copyOut: () => undefined,
  };
}
