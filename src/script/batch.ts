import type { RequestEnd } from '../postgres/wire.js';
import type { Query } from '../psql/lexer/query.js';
import { answered } from './connection.js';
import type { Place } from './place.js';
import { recordStatement } from './record.js';
import { type Result, ResultReader } from './results.js';
import { concluded, followEvents } from './send.js';
import type { ScriptSession } from './session.js';
import { StatementRun } from './statement.js';
import { canShareTransaction } from './transactions.js';

/** Statements of one transaction at most, and how many are sent together. */
const limit = 400;
const parcel = 50;

interface Batched {
  readonly run: StatementRun;
  readonly started: Promise<RequestEnd>;
  readonly place: Place;
}

/**
 * Statements outside transactions that are sent ahead in one transaction of ours (`--batch`). When one of them fails, or the commit does,
 * nothing of it has happened, and they are run again one by one: the outcome is that of running them so from the start, but for what
 * depends on the transaction itself, such as now(). Nothing is shown before it is certain.
 */
export class StatementBatch {
  readonly #session: ScriptSession;
  #batched: Batched[] = [];
  #begun: Promise<unknown> | undefined;

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
      this.#begun = this.#send('BEGIN');
    }
    const run = new StatementRun(this.#session, wire!, query, { isDeferred: true }, place);
    const started = run.start();
    started.catch(() => undefined);
    this.#batched.push({ run, started, place });
    if (this.#batched.length % parcel === 0) {
      wire?.uncork();
      wire?.cork();
    }
    return this.#batched.length < limit ? true : this.conclude();
  }

  /** Commits and shows what was done, or does it again statement by statement; false when one failed. */
  conclude(): boolean | Promise<boolean> {
    return this.isEmpty ? true : this.#conclude();
  }

  async #conclude(): Promise<boolean> {
    const batched = this.#batched;
    this.#batched = [];
    const committed = this.#send('COMMIT');
    this.#session.wire?.uncork();
    await this.#begun;
    for (const { run, started } of batched) await answered(this.#session, started, () => run.last, run.place);
    const end = await committed;
    const isDone = end?.kind === 'command' && end.tag === 'COMMIT';
    return isDone ? this.#show(batched) : this.#replay(batched);
  }

  async #show(batched: readonly Batched[]): Promise<boolean> {
    let isSound = true;
    for (const { run } of batched) {
      recordStatement(this.#session, run.query, run.place);
      isSound = (await run.finish()) && isSound;
      this.#follow();
    }
    return isSound;
  }

  async #replay(batched: readonly Batched[]): Promise<boolean> {
    let isSound = true;
    for (const { run, place } of batched) {
      if (!isSound && this.#session.settings.onErrorStop) break;
      recordStatement(this.#session, run.query, place);
      const again = new StatementRun(this.#session, this.#session.wire!, run.query, {}, place);
      isSound = (await concluded(this.#session, again)) && isSound;
      this.#follow();
    }
    return isSound;
  }

  #follow(): void {
    const { wire } = this.#session;
    if (wire !== undefined) followEvents(this.#session, wire);
  }

  /** Sends a statement of our own; resolves with its result, undefined when the connection is lost. */
  async #send(sql: string): Promise<Result | undefined> {
    const { wire } = this.#session;
    const ignore = () => undefined;
    const reader = new ResultReader(() => this.#session.codec, {
      notice: ignore,
      result: ignore,
      copyIn: ignore,
      copyOut: ignore,
    });
    await wire?.query(sql, reader).catch(ignore);
    return reader.last;
  }
}
