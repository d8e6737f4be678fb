import type { Duplex } from 'node:stream';
import { requestCancel } from './cancel.js';
import type { Connected } from './connect.js';
import { CopyWindow } from './copy-window.js';
import { codecFor } from './encoding.js';
import { MessageFramer } from './framing.js';
import {
  type Codec,
  copyDonePacket,
  copyFailPacket,
  queryPacket,
  Reply,
  readServerMessage,
  readStrings,
  type ServerMessage,
  terminatePacket,
} from './messages.js';
import { Outgoing } from './outgoing.js';
import {
  ConnectionLost,
  conclude,
  type Notification,
  type ReplyHandler,
  type Request,
  type RequestEnd,
  type TransactionStatus,
  type Turn,
  type Waiter,
} from './request.js';
import { HostSocket } from './socket.js';

const none: readonly Request[] = [];

/**
 * A session on protocol level, on a connection that `pg` has made and authenticated. Requests may be sent ahead of the replies
 * to earlier ones; replies come in the same order. Text goes and comes in the session's client_encoding.
 */
export class Wire {
  readonly connected: Connected;
  /** Settings that the server reports (ParameterStatus). */
  readonly parameters: ReadonlyMap<string, string>;
  transactionStatus: TransactionStatus = 'I';
  codec: Codec;
  /** Notifications that have arrived and nobody has taken yet. */
  notifications: Notification[] = [];
  /** Set once the connection is gone. */
  lost: ConnectionLost | undefined;
  /** The server's last words outside any request: nearly always the reason why it is about to hang up. */
  farewell: ServerMessage | undefined;
  readonly #socket: Duplex;
  readonly #outgoing: Outgoing;
  readonly #requests: Request[] = [];
  #hasFailed = false;
  /** Who waits until so few requests are unanswered. */
  #countdown: { readonly count: number; readonly resolve: () => void } | undefined;
  readonly #copyWindow: CopyWindow;
  readonly #parameters: Map<string, string>;

  constructor(connected: Connected) {
    this.connected = connected;
    this.#parameters = connected.connection.serverParameters;
    this.parameters = this.#parameters;
    this.codec = codecFor(this.clientEncoding);
    this.#socket = connected.connection.stream;
    this.#outgoing = new Outgoing(this.#socket);
    this.#copyWindow = new CopyWindow(this.#socket);
    this.#takeSocketOver();
  }

  get clientEncoding(): string {
    return this.#parameters.get('client_encoding') ?? 'UTF8';
  }

  get processId(): number {
    return this.connected.connection.backendKey.processId;
  }

  /** Requests that have not been answered; when the connection is lost, those that will never be. */
  get pending(): number {
    return this.#requests.length;
  }

  /** Sends one simple Query; resolves when it has been answered. Rejects with ConnectionLost. */
  query(sql: string, handler: ReplyHandler): Promise<RequestEnd> {
    return this.#awaited((waiter) => this.post(sql, handler, 'now', waiter));
  }

  /** Sends a whole request, which the server answers with one ReadyForQuery; resolves then. Rejects with ConnectionLost. */
  request(packets: Buffer, handler: ReplyHandler): Promise<RequestEnd> {
    return this.#awaited((waiter) => {
      this.#requests.push({ handler, turn: 'now', unsent: undefined, waiter });
      this.#outgoing.packets(packets);
    });
  }

  #awaited(send: (waiter: Waiter<RequestEnd>) => void): Promise<RequestEnd> {
    if (this.lost !== undefined) return Promise.reject(this.lost);
    return new Promise((resolve, reject) => send({ resolve, reject }));
  }

  /** Sends one simple Query, when its turn has come, that nobody waits for by itself: see `untilPending`. */
  post(sql: string, handler: ReplyHandler, turn: Turn, waiter?: Waiter<RequestEnd>): void {
    const waits = turn !== 'now' && this.#requests.length > 0;
    const unsent = waits ? queryPacket(this.codec.encode(sql)) : undefined;
    this.#requests.push({ handler, turn, unsent, waiter });
    if (!waits && this.lost === undefined) this.#outgoing.query(sql, this.codec);
  }

  /** Resolves when no more than `count` requests are unanswered, or the connection is lost; one at a time may wait so. */
  untilPending(count: number): Promise<void> {
    if (this.#requests.length <= count || this.lost !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#countdown = { count, resolve };
    });
  }

  /** Holds what is sent until `uncork`, or until there is much of it, to save system calls. */
  cork(): void {
    this.#outgoing.hold();
  }

  uncork(): void {
    this.#outgoing.release();
  }

  /** Waits until every request so far has been answered, or the connection is gone. */
  async drain(): Promise<void> {
    this.uncork();
    await this.untilPending(0);
  }

  /** Sends COPY data; the promise, when there is one, is to be awaited before more is sent. */
  copyData(bytes: Buffer): Promise<void> | undefined {
    return this.lost === undefined ? this.#copyWindow.send(bytes) : Promise.reject(this.lost);
  }

  copyDone(): void {
    this.#socket.write(copyDonePacket());
  }

  copyFail(reason: string): void {
    this.#socket.write(copyFailPacket(reason));
  }

  /** Stops reading from the server, which then has to wait, until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Asks the server to cancel what runs. */
  cancel(): Promise<void> {
    return requestCancel(this.connected);
  }

  /** Says goodbye and closes; open transactions are rolled back by the server. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) return resolve();
      this.#socket.once('close', () => resolve());
      if (this.pending > 0 || this.lost !== undefined) this.#socket.destroy();
      else this.#socket.end(terminatePacket());
    });
  }

  #takeSocketOver(): void {
    const framer = new MessageFramer((type, bytes, start, end) => this.#receive(type, bytes, start, end));
    const receive = (chunk: Buffer) => framer.push(chunk);
    this.#socket.removeAllListeners('data');
    if (this.#socket instanceof HostSocket) this.#socket.receiveWith(receive);
    else this.#socket.on('data', receive);
    this.#socket.on('error', (error) => this.#hangUp(error));
    this.#socket.on('end', () => this.#hangUp());
    this.#socket.on('close', () => this.#hangUp());
  }

  #receive(type: number, bytes: Buffer, start: number, end: number): void {
    if (type === Reply.ready) this.#ready(bytes[start] as number);
    else if (type === Reply.parameterStatus) this.#parameterChanged(bytes, start, end);
    else if (type === Reply.notification) this.#notified(bytes, start, end);
    else if (type === Reply.error || type === Reply.notice)
      this.#said(type, readServerMessage(bytes, start, this.codec));
    else this.#requests[0]?.handler.reply(type, bytes, start, end);
  }

  /** The next request goes out before anybody looks at the replies to this one. */
  #ready(status: number): void {
    this.transactionStatus = String.fromCharCode(status) as TransactionStatus;
    const hasFailed = this.#hasFailed;
    this.#hasFailed = false;
    const answered = this.#requests.shift();
    const dropped = this.#sendNext(hasFailed);
    if (answered !== undefined) conclude(answered, this.transactionStatus);
    for (const request of dropped) conclude(request, 'dropped');
    if (this.#countdown === undefined || this.#requests.length > this.#countdown.count) return;
    this.#countdown.resolve();
    this.#countdown = undefined;
  }

  /** Sends the request whose turn has come; answers those that a failure leaves unsent. */
  #sendNext(hasFailed: boolean): readonly Request[] {
    if (this.#requests[0]?.unsent === undefined) return none;
    const dropped = hasFailed ? this.#takeDependent() : none;
    const next = this.#requests.at(0);
    if (next?.unsent !== undefined) {
      this.#outgoing.packets(next.unsent);
      next.unsent = undefined;
    }
    return dropped;
  }

  /** Those at the head that were to be sent after a success only. */
  #takeDependent(): readonly Request[] {
    const first = this.#requests.findIndex(({ turn }) => turn !== 'after success');
    return this.#requests.splice(0, first < 0 ? this.#requests.length : first);
  }

  #parameterChanged(bytes: Buffer, start: number, end: number): void {
    const [name = '', value = ''] = readStrings(bytes, start, end, this.codec);
    this.#parameters.set(name, value);
    if (name === 'client_encoding') this.codec = codecFor(value);
  }

  #notified(bytes: Buffer, start: number, end: number): void {
    const [channel = '', payload = ''] = readStrings(bytes, start + 4, end, this.codec);
    const notification = { channel, payload, processId: bytes.readUInt32BE(start) };
    const handler = this.#requests[0]?.handler;
    if (handler?.notified === undefined) this.notifications.push(notification);
    else handler.notified(notification);
  }

  #said(type: number, message: ServerMessage): void {
    const handler = this.#requests[0]?.handler;
    if (type === Reply.error) this.#hasFailed = true;
    if (handler === undefined) this.farewell = message;
    else if (type === Reply.error) handler.failure(message);
    else handler.notice(message);
  }

  #hangUp(cause?: Error): void {
    if (this.lost !== undefined) return;
    this.lost = new ConnectionLost(cause);
    for (const { waiter } of this.#requests) waiter?.reject(this.lost);
    this.#countdown?.resolve();
    this.#copyWindow.close(this.lost);
  }
}
