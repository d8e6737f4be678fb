import { type Codec, type Column, Reply, readColumns, readRow, type ServerMessage } from '../postgres/messages.js';
import type { Notification, ReplyHandler } from '../postgres/request.js';

/** One complete result of a query string. */
export type Result =
  | RowsResult
  | { readonly kind: 'command'; readonly tag: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'copied out'; readonly tag: string }
  | { readonly kind: 'failure'; readonly message: ServerMessage };

export interface RowsResult {
  readonly kind: 'rows';
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Empty for a portion that others follow. */
  readonly tag: string;
  /** Rows that earlier portions of the same result held (FETCH_COUNT). */
  readonly priorRows: number;
}

/** The values of a row as text, NULL as null. */
export type Row = readonly (string | null)[];

/** What is done while results arrive. */
export interface ResultEvents {
  notice(message: ServerMessage): void;
  notified(notification: Notification): void;
  /** Everything has arrived. */
  ended?(): void;
  /** A result is complete and another one follows it, or COPY begins: it is not the last one. */
  result(result: Result): void;
  /** So many rows of a result have arrived as a portion was to have; the last portion is in the result itself. */
  portion?(rows: RowsResult): void;
  /** The server waits for data; `isBinary` when they are in binary format. */
  copyIn(isBinary: boolean): void;
  copyOut(bytes: Buffer): void;
}

/** Puts the replies to one query string together to results. */
export class ResultReader implements ReplyHandler {
  readonly #source: { readonly codec: Codec };
  readonly #events: ResultEvents;
  readonly #portionSize: number;
  #columns: readonly Column[] | undefined;
  #rows: Row[] = [];
  #priorRows = 0;
  #isCopyOut = false;
  #held: Result | undefined;

  /** The codec is that of the connection at any time. Rows are handed on in portions of `portionSize`, all together when it is 0. */
  constructor(source: { readonly codec: Codec }, events: ResultEvents, portionSize = 0) {
    this.#source = source;
    this.#events = events;
    this.#portionSize = portionSize;
  }

  /** The last result, to be asked for when the server is ready; undefined only when it sent none. */
  get last(): Result | undefined {
    return this.#held;
  }

  reply(type: number, bytes: Buffer, start: number, end: number): void {
    if (type === Reply.dataRow) this.#takeRow(bytes, start);
    else if (type === Reply.commandComplete) this.#complete(this.#source.codec.decode(bytes, start, end - 1));
    else if (type === Reply.rowDescription) this.#columns = readColumns(bytes, start, this.#source.codec);
    else if (type === Reply.emptyQuery) this.#hold({ kind: 'empty' });
    else if (type === Reply.copyData) this.#events.copyOut(Buffer.from(bytes.subarray(start, end)));
    else if (type === Reply.copyOut) this.#beginCopyOut();
    else if (type === Reply.copyIn) this.#beginCopyIn(bytes[start] === 1);
  }

  failure(message: ServerMessage): void {
    this.#forgetRows();
    this.#hold({ kind: 'failure', message });
  }

  notice(message: ServerMessage): void {
    this.#events.notice(message);
  }

  notified(notification: Notification): void {
    this.#events.notified(notification);
  }

  ended(): void {
    this.#events.ended?.();
  }

  #takeRow(bytes: Buffer, start: number): void {
    this.#rows.push(readRow(bytes, start, this.#source.codec));
    if (this.#rows.length !== this.#portionSize) return;
    this.#release();
    this.#events.portion?.(this.#takeRows(this.#columns ?? [], ''));
  }

  #takeRows(columns: readonly Column[], tag: string): RowsResult {
    const result: RowsResult = { kind: 'rows', columns, rows: this.#rows, tag, priorRows: this.#priorRows };
    this.#priorRows += this.#rows.length;
    this.#rows = [];
    return result;
  }

  #forgetRows(): void {
    this.#columns = undefined;
    this.#rows = [];
    this.#priorRows = 0;
  }

  #complete(tag: string): void {
    if (this.#isCopyOut) this.#hold({ kind: 'copied out', tag });
    else if (this.#columns === undefined) this.#hold({ kind: 'command', tag });
    else this.#hold(this.#takeRows(this.#columns, tag));
    this.#forgetRows();
    this.#isCopyOut = false;
  }

  #beginCopyOut(): void {
    this.#release();
    this.#isCopyOut = true;
  }

  #beginCopyIn(isBinary: boolean): void {
    this.#release();
    this.#events.copyIn(isBinary);
  }

  #hold(result: Result): void {
    this.#release();
    this.#held = result;
  }

  #release(): void {
    if (this.#held !== undefined) this.#events.result(this.#held);
    this.#held = undefined;
  }
}

/** How many rows a command tag speaks of (`INSERT 0 3` of 3), as libpq's PQcmdTuples does; `0` when of none. */
export function rowCountOf(tag: string): string {
  return /^(?:INSERT \d+|SELECT|UPDATE|DELETE|FETCH|MOVE|COPY|MERGE) (\d+)$/.exec(tag)?.[1] ?? '0';
}
