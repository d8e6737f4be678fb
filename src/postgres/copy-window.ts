import type { Duplex } from 'node:stream';
import { copyDataPackets } from './messages.js';

/** Bytes that may wait for the server before the sender has to wait. */
const size = 1 << 20;

/** Sends COPY data no faster than the server takes them. */
export class CopyWindow {
  readonly #socket: Duplex;
  /** Bytes that the system has not taken yet, and who waits for it to take them. */
  #pending = 0;
  #waiter: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** The promise, when there is one, is to be awaited before more is sent. */
  send(bytes: Buffer): Promise<void> | undefined {
    this.#pending += bytes.length;
    this.#socket.write(copyDataPackets(bytes), () => this.#sent(bytes.length));
    if (this.#pending <= size) return undefined;
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  /** Who waits has waited in vain. */
  close(error: Error): void {
    this.#waiter?.reject(error);
  }

  /** The sender goes on when half of the window is free, so that there is always something left to send. */
  #sent(length: number): void {
    this.#pending -= length;
    if (this.#waiter === undefined || this.#pending > size / 2) return;
    this.#waiter.resolve();
    this.#waiter = undefined;
  }
}
