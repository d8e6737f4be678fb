import type { ServerMessage } from '../postgres/messages.js';
import type { Notification, RequestEnd, Turn } from '../postgres/request.js';
import type { Wire } from '../postgres/wire.js';
import type { Query } from '../psql/lexer/query.js';
import type { PrintSettings } from '../psql/print/settings.js';
import { CopyFeed } from './copy.js';
import type { Place } from './place.js';
import { printRows, printTag } from './print.js';
import { recordFailure, recordNotice, recordSuccess } from './record.js';
import { type Result, type ResultEvents, ResultReader, type RowsResult, rowCountOf } from './results.js';
import type { ScriptSession } from './session.js';
import type { ScriptSource } from './source.js';
import { systemMessage } from './system-error.js';
import { type OutputTarget, openTarget } from './target.js';

/** What is done with one query string in place of the usual. */
export interface SendOptions {
  /** File, or command after `|`, for the rows (`\g`). */
  readonly target?: string | undefined;
  /** Print settings for this query alone (`\g (…)`, `\gx`). */
  readonly print?: PrintSettings | undefined;
  /** Takes the rows of the last result instead of printing them; resolves with false when that fails. */
  readonly takeRows?: ((result: RowsResult) => Promise<boolean>) | undefined;
  /** The rows are printed as one table whatever FETCH_COUNT says. */
  readonly isWhole?: boolean | undefined;
  /** Notices are kept until `finish`, because the statement may have to be run again. */
  readonly isDeferred?: boolean | undefined;
  /** Called when it has been answered, or dropped. */
  readonly onEnd?: ((run: StatementRun) => void) | undefined;
  /** The request that is sent instead of a simple Query, for statements with parameters. */
  readonly request?: Buffer | undefined;
  /** Data of COPY FROM STDIN instead of the script's next lines (`\copy`). */
  readonly copyFrom?: ScriptSource | undefined;
  /** Destination of COPY TO STDOUT instead of the query output (`\copy`). */
  readonly copyTo?: OutputTarget | undefined;
}

/** One query string: `start` sends it, its results are shown as they come, `finish` concludes it. */
export class StatementRun implements ResultEvents {
  readonly query: Query;
  /** Tag of the last command that succeeded. */
  tag = '';
  readonly #session: ScriptSession;
  readonly #wire: Wire;
  readonly #options: SendOptions;
  /** Where a statement that was sent ahead stands; the others stand where the script is being read. */
  readonly #place: Place | undefined;
  readonly #reader: ResultReader;
  #target: OutputTarget | undefined;
  #feed: CopyFeed | undefined;
  #blocks = 0;
  #notices: ServerMessage[] | undefined;
  #notifications: Notification[] | undefined;
  #isFinished = false;
  #isMuted = false;
  #isSound = true;

  constructor(session: ScriptSession, wire: Wire, query: Query, options: SendOptions = {}, place?: Place) {
    this.query = query;
    this.#session = session;
    this.#wire = wire;
    this.#options = options;
    this.#place = place;
    this.#reader = new ResultReader(wire, this, portionSize(session, options));
  }

  /** Sends it; resolves when the server is ready again, rejects with ConnectionLost. */
  start(): Promise<RequestEnd> {
    const { request } = this.#options;
    return request === undefined
      ? this.#wire.query(this.query.text, this.#reader)
      : this.#wire.request(request, this.#reader);
  }

  /** Sends it when its turn has come, without a promise of its own. */
  post(turn: Turn): void {
    this.#wire.post(this.query.text, this.#reader, turn);
  }

  /** What has been received last: the failure, when the connection went with it. */
  get last(): Result | undefined {
    return this.#reader.last;
  }

  /** Shows the last result and closes what was opened; true when everything succeeded. Nothing is waited for where nothing has to be. */
  finish(): boolean | Promise<boolean> {
    this.#isFinished = true;
    for (const message of this.#notices ?? []) this.notice(message);
    if (this.#notifications !== undefined) this.#wire.notifications.push(...this.#notifications);
    const { takeRows, target } = this.#options;
    if (this.#feed !== undefined || this.query.copies > 0 || takeRows !== undefined || target !== undefined)
      return this.#finishInTurn(takeRows);
    this.#showLast();
    return this.#isSound;
  }

  async #finishInTurn(takeRows: SendOptions['takeRows']): Promise<boolean> {
    await this.#concludeCopy();
    const { last } = this.#reader;
    if (last?.kind === 'rows' && takeRows !== undefined) {
      this.#isSound = (await takeRows(last)) && this.#isSound;
      this.#recordSuccess();
    } else this.#showLast();
    await this.#target?.close();
    return this.#isSound;
  }

  notice(message: ServerMessage): void {
    if (this.#isMuted) return;
    if (this.#options.isDeferred && !this.#isFinished) this.#keep(message);
    else recordNotice(this.#session, message, this.query, this.place);
  }

  result(result: Result): void {
    if (result.kind === 'failure') this.#fail(result.message);
    else if (this.#session.settings.showAllResults) this.#show(result);
  }

  ended(): void {
    this.#options.onEnd?.(this);
  }

  /** It has been sent, but nothing of what it brings is to be shown. */
  mute(): void {
    this.#isMuted = true;
  }

  #keep(message: ServerMessage): void {
    this.#notices ??= [];
    this.#notices.push(message);
  }

  notified(notification: Notification): void {
    this.#notifications ??= [];
    this.#notifications.push(notification);
  }

  portion(rows: RowsResult): void {
    this.#session.events.result?.(rows);
    this.#showRows(rows, false);
    this.#waitFor(this.#rowsOutput());
  }

  copyIn(isBinary: boolean): void {
    this.#blocks++;
    const previous = this.#feed?.done;
    const source = this.#options.copyFrom ?? this.#session.dataSource;
    const blocks = isBinary ? source.rest() : source.dataLines();
    this.#feed = new CopyFeed(this.#wire, previous === undefined ? blocks : after(previous, blocks));
  }

  copyOut(bytes: Buffer): void {
    const target = this.#copyTarget();
    target?.buffer.writeBytes(bytes);
    this.#waitFor(target);
  }

  /** The server has to wait for a reader who is slower. */
  #waitFor(target: OutputTarget | undefined): void {
    const drained = target?.buffer.drained();
    if (drained === undefined) return;
    this.#wire.pause();
    drained.then(() => this.#wire.resume());
  }

  get place(): Place {
    return this.#place ?? this.#session.place;
  }

  /** Reads the blocks of data that the server should have asked for and did not, so that they do not run as SQL (CVE-2026-6464). */
  async #concludeCopy(): Promise<void> {
    if (this.#reader.last?.kind === 'failure' && this.#feed !== undefined) this.#feed.refused = true;
    await this.#feed?.done;
    if (this.#feed?.failure !== undefined) this.#isSound = false;
    if (this.#options.copyFrom !== undefined) return;
    for (; this.#blocks < this.query.copies; this.#blocks++) {
      for await (const _ of this.#session.dataSource.dataLines());
    }
  }

  #showLast(): void {
    const { last } = this.#reader;
    if (last?.kind === 'failure') this.#fail(last.message);
    else if (last !== undefined) {
      this.#show(last);
      this.#recordSuccess();
    }
  }

  #recordSuccess(): void {
    if (this.#isSound) recordSuccess(this.#session, rowCountOf(this.tag));
  }

  #show(result: Exclude<Result, { kind: 'failure' }>): void {
    this.#session.events.result?.(result);
    this.tag = 'tag' in result ? result.tag : this.tag;
    if (result.kind === 'rows') this.#showRows(result);
    else if (result.kind === 'command') printTag(this.#session, result.tag);
    else if (result.kind === 'copied out') this.#showCopied(result.tag);
  }

  #rowsOutput(): OutputTarget | undefined {
    const { target } = this.#options;
    return target === undefined ? this.#session.queryOutput : this.#openTarget(target);
  }

  #showRows(result: RowsResult, isLast = true): void {
    const output = this.#rowsOutput();
    if (output === undefined) return;
    printRows(this.#session, result, output.buffer, { settings: this.#options.print, isLast });
    if (/^(?:INSERT|UPDATE|DELETE|MERGE)/.test(result.tag)) printTag(this.#session, result.tag);
  }

  /** A count of rows in the middle of those rows would spoil them. */
  #showCopied(tag: string): void {
    if (this.#copyTarget() === this.#session.queryOutput) this.tag = '';
    else printTag(this.#session, tag);
  }

  #copyTarget(): OutputTarget | undefined {
    return this.#options.copyTo ?? this.#rowsOutput();
  }

  /** The first rows open the target of `\g`; undefined when it cannot be opened, which is reported once. */
  #openTarget(fileOrPipe: string): OutputTarget | undefined {
    if (this.#target !== undefined || !this.#isSound) return this.#target;
    try {
      this.#target = openTarget(fileOrPipe, this.#session.system, () => this.#wire.codec);
    } catch (error) {
      this.#isSound = false;
      this.#session.report('error', `${fileOrPipe}: ${systemMessage(error)}`, this.place);
    }
    return this.#target;
  }

  #fail(message: ServerMessage): void {
    this.#isSound = false;
    if (this.#feed !== undefined) this.#feed.refused = true;
    recordFailure(this.#session, message, this.query, this.place);
  }
}

/** Rows that are printed at a time; 0 for all, where something is done with all of them (common.c, ExecQueryAndProcessResults). */
function portionSize({ settings }: ScriptSession, { takeRows, isDeferred, isWhole }: SendOptions): number {
  const areAllNeeded = takeRows !== undefined || isDeferred || isWhole || !settings.showAllResults;
  return areAllNeeded ? 0 : settings.fetchCount;
}

/** Blocks of one COPY after those of another in the same query string. */
async function* after(previous: Promise<void>, blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  await previous;
  yield* blocks;
}
