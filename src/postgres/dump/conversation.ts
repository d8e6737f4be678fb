import type { Duplex } from 'node:stream';
import { MessageFramer } from '../framing.js';
import { Reply } from '../messages.js';
import { ConnectionLost } from '../request.js';

interface Waiting {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: ConnectionLost) => void;
  /** ReadyForQuery messages that are still to come. */
  answers: number;
}

/** Requests and replies as they are, bytes for bytes, on the socket of an authenticated connection. */
export class Conversation {
  readonly #socket: Duplex;
  #received: Buffer[] = [];
  #waiting: Waiting | undefined;
  #lost: ConnectionLost | undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
    const framer = new MessageFramer((type) => {
      if (type === Reply.ready && this.#waiting !== undefined) this.#waiting.answers -= 1;
    });
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => this.#receive(chunk, framer));
    for (const event of ['error', 'end', 'close']) socket.on(event, (cause?: Error) => this.#hangUp(cause));
  }

  /** Sends requests and resolves with all that came until they were answered. Rejects with ConnectionLost. */
  ask(bytes: Uint8Array, answers: number): Promise<Buffer> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, answers };
      this.#socket.write(bytes);
    });
  }

  #receive(chunk: Buffer, framer: MessageFramer): void {
    this.#received.push(chunk);
    framer.push(chunk);
    if (this.#waiting === undefined || this.#waiting.answers > 0) return;
    this.#waiting.resolve(Buffer.concat(this.#received.splice(0)));
    this.#waiting = undefined;
  }

  #hangUp(cause?: Error): void {
    this.#lost ??= new ConnectionLost(cause instanceof Error ? cause : undefined);
    this.#waiting?.reject(this.#lost);
    this.#waiting = undefined;
  }
}
