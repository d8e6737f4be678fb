import type { ServerMessage } from './messages.js';

/** State of the transaction as the server reports it when it is ready: idle, in a block, in a failed block. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** A NOTIFY that another session, or this one, has sent. */
export interface Notification {
  readonly channel: string;
  readonly payload: string;
  readonly processId: number;
}

/** What one request's replies are handed to, in the order of their arrival. */
export interface ReplyHandler {
  /** The message's body stands in the bytes from `start` to `end`; they are valid during the call only. */
  reply(type: number, bytes: Buffer, start: number, end: number): void;
  failure(message: ServerMessage): void;
  notice(message: ServerMessage): void;
  /** Takes a notification that has come with the replies; without this it is left in `notifications`. */
  notified?(notification: Notification): void;
  /** The request is over, and the next one is on its way. It must not throw. */
  ended?(end: RequestEnd): void;
}

/**
 * When a request is sent: at once, even ahead of the replies to earlier ones; when they have been answered; or then, unless the one
 * before it has failed, in which case it is dropped.
 */
export type Turn = 'now' | 'in turn' | 'after success';

/** How a request ended: answered, with the state of the transaction after it, or not sent. */
export type RequestEnd = TransactionStatus | 'dropped';

/** The server went away. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost';
  constructor(cause?: Error) {
    super('server closed the connection unexpectedly', { cause });
  }
}

/** A request that has not been answered. */
export interface Request {
  readonly handler: ReplyHandler;
  readonly turn: Turn;
  /** What is to be sent, until it has been. */
  unsent: Buffer | undefined;
  /** Who waits for this very request, if anybody does. */
  readonly waiter: Waiter<RequestEnd> | undefined;
}

/** Who waits for something of the server. */
export interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: ConnectionLost) => void;
}

/** Tells everybody concerned that a request is over. */
export function conclude({ waiter, handler }: Request, end: RequestEnd): void {
  waiter?.resolve(end);
  handler.ended?.(end);
}
