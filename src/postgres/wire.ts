import { connect as connectSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Connected } from './connect.js';
import { codecFor } from './encoding.js';
import { MessageFramer } from './framing.js';
import {
  type Codec,
  cancelPacket,
  copyDataPackets,
  copyDonePacket,
  copyFailPacket,
  queryPacket,
  Reply,
  readServerMessage,
  readStrings,
  type ServerMessage,
  terminatePacket,
} from './messages.js';

/** State of the transaction as the server reports it when it is ready: idle, in a block, in a failed block. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** What one request's replies are handed to, in the order of their arrival; bodies are views of the receive buffer. */
export interface ReplyHandler {
  reply(type: number, body: Buffer): void;
  failure(message: ServerMessage): void;
  notice(message: ServerMessage): void;
}

/** A NOTIFY that another session, or this one, has sent. */
export interface Notification {
  readonly channel: string;
  readonly payload: string;
  readonly processId: number;
}

/** The server went away; `last` is what it said before, such as "terminating connection due to administrator command". */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost';
  constructor(cause?: Error) {
    super('server closed the connection unexpectedly', { cause });
  }
}

/**
 * When a request is sent: at once, even ahead of the replies to earlier ones; when they have been answered; or then, unless the one
 * before it has failed, in which case it is dropped.
 */
export type Turn = 'now' | 'in turn' | 'after success';

/** How a request ended: answered, with the state of the transaction after it, or not sent. */
export type RequestEnd = TransactionStatus | 'dropped';

interface Request {
  readonly handler: ReplyHandler;
  readonly turn: Turn;
  readonly resolve: (end: RequestEnd) => void;
  readonly reject: (error: ConnectionLost) => void;
  /** What is to be sent, until it has been. */
  unsent: Buffer | undefined;
}

/** Bytes that may wait for the server before `copyData` asks its caller to wait. */
const copyWindow = 1 << 20;

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
  readonly #socket: Duplex;
  readonly #requests: Request[] = [];
  #hasFailed = false;
  /** Bytes of COPY data that the system has not taken yet, and who waits for it to take them. */
  #copyPending = 0;
  #copyWaiter: { readonly resolve: () => void; readonly reject: (error: ConnectionLost) => void } | undefined;
  /** Packets that wait for `uncork`. */
  #corked: Buffer[] | undefined;
  readonly #parameters: Map<string, string>;
  /** The server's last words outside any request: nearly always the reason why it is about to hang up. */
  farewell: ServerMessage | undefined;

  constructor(connected: Connected) {
    this.connected = connected;
    this.#parameters = connected.connection.serverParameters;
    this.parameters = this.#parameters;
    this.codec = codecFor(this.clientEncoding);
    this.#socket = connected.connection.stream;
    this.#takeSocketOver();
  }

  get clientEncoding(): string {
    return this.#parameters.get('client_encoding') ?? 'UTF8';
  }

  get processId(): number {
    return this.connected.connection.backendKey.processId;
  }

  /** Requests whose replies are still to come. */
  get pending(): number {
    return this.#requests.length;
  }

  /** Sends one simple Query. */
  query(sql: string, handler: ReplyHandler, turn: Turn = 'now'): Promise<RequestEnd> {
    return this.request(queryPacket(this.codec.encode(sql)), handler, turn);
  }

  /** Sends a whole request, which the server answers with one ReadyForQuery; resolves then. Rejects with ConnectionLost. */
  request(packets: Buffer, handler: ReplyHandler, turn: Turn = 'now'): Promise<RequestEnd> {
    if (this.lost !== undefined) return Promise.reject(this.lost);
    return new Promise((resolve, reject) => {
      const waits = turn !== 'now' && this.#requests.length > 0;
      this.#requests.push({ handler, turn, resolve, reject, unsent: waits ? packets : undefined });
      if (!waits) this.#write(packets);
    });
  }

  /** Holds what is sent until `uncork`, to save system calls. */
  cork(): void {
    this.#corked ??= [];
  }

  uncork(): void {
    const packets = this.#corked;
    this.#corked = undefined;
    if (packets !== undefined && packets.length > 0) this.#socket.write(Buffer.concat(packets));
  }

  /** Waits until every request so far has been answered, or the connection is gone. */
  async drain(): Promise<void> {
    this.uncork();
    const ignore = () => undefined;
    if (this.pending === 0) return;
    await this.query('', { reply: ignore, failure: ignore, notice: ignore }, 'in turn').catch(ignore);
  }

  /** Sends COPY data; the promise, when there is one, is to be awaited before more is sent. */
  copyData(bytes: Buffer): Promise<void> | undefined {
    if (this.lost !== undefined) return Promise.reject(this.lost);
    this.#copyPending += bytes.length;
    this.#socket.write(copyDataPackets(bytes), () => this.#copied(bytes.length));
    if (this.#copyPending <= copyWindow) return undefined;
    return new Promise((resolve, reject) => {
      this.#copyWaiter = { resolve, reject };
    });
  }

  /** The writer goes on when half of the window is free, so that there is always something left to send. */
  #copied(length: number): void {
    this.#copyPending -= length;
    if (this.#copyWaiter === undefined || this.#copyPending > copyWindow / 2) return;
    this.#copyWaiter.resolve();
    this.#copyWaiter = undefined;
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

  /** Asks the server, on a second connection, to cancel what runs; like libpq, without encryption. */
  cancel(): Promise<void> {
    const { host, hostaddr, port, isSocket } = this.connected.host;
    const { processId, secretKey } = this.connected.connection.backendKey;
    const place = isSocket ? { path: `${host}/.s.PGSQL.${port}` } : { host: hostaddr ?? host, port };
    return new Promise((resolve) => {
      const socket = connectSocket(place, () => {
        socket.end(cancelPacket(processId, secretKey));
      });
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
      socket.resume();
    });
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
    const framer = new MessageFramer((type, body) => this.#receive(type, body));
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', (chunk: Buffer) => framer.push(chunk));
    this.#socket.on('error', (error) => this.#hangUp(error));
    this.#socket.on('end', () => this.#hangUp());
    this.#socket.on('close', () => this.#hangUp());
  }

  #receive(type: number, body: Buffer): void {
    const handler = this.#requests[0]?.handler;
    if (type === Reply.ready) this.#ready(body);
    else if (type === Reply.parameterStatus) this.#parameterChanged(body);
    else if (type === Reply.notification) this.#notified(body);
    else if (type === Reply.error) this.#failed(body, handler);
    else if (type === Reply.notice)
      (handler?.notice.bind(handler) ?? this.#takeFarewell)(readServerMessage(body, this.codec));
    else handler?.reply(type, body);
  }

  #write(packets: Buffer): void {
    if (this.#corked === undefined) this.#socket.write(packets);
    else this.#corked.push(packets);
  }

  /** The next request goes out before anybody looks at the replies to this one. */
  #ready(body: Buffer): void {
    this.transactionStatus = String.fromCharCode(body[0] as number) as TransactionStatus;
    const request = this.#requests.shift();
    const hasFailed = this.#hasFailed;
    this.#hasFailed = false;
    request?.resolve(this.transactionStatus);
    for (let next = this.#requests[0]; next?.unsent !== undefined; next = this.#requests[0]) {
      if (!hasFailed || next.turn === 'in turn') {
        this.#write(next.unsent);
        next.unsent = undefined;
        return;
      }
      this.#requests.shift();
      next.resolve('dropped');
    }
  }

  #parameterChanged(body: Buffer): void {
    const [name = '', value = ''] = readStrings(body, 0, this.codec);
    this.#parameters.set(name, value);
    if (name === 'client_encoding') this.codec = codecFor(value);
  }

  #notified(body: Buffer): void {
    const [channel = '', payload = ''] = readStrings(body, 4, this.codec);
    this.notifications.push({ channel, payload, processId: body.readUInt32BE(0) });
  }

  #failed(body: Buffer, handler: ReplyHandler | undefined): void {
    this.#hasFailed = true;
    (handler?.failure.bind(handler) ?? this.#takeFarewell)(readServerMessage(body, this.codec));
  }

  #takeFarewell = (message: ServerMessage): void => {
    this.farewell = message;
  };

  #hangUp(cause?: Error): void {
    if (this.lost !== undefined) return;
    this.lost = new ConnectionLost(cause);
    for (const { reject } of this.#requests.splice(0)) reject(this.lost);
    this.#copyWaiter?.reject(this.lost);
  }
}
