import { Socket } from 'node:net';
import type { Host } from './config.js';

const receiveBufferSize = 1 << 16;

/**
 * The socket of a connection. It connects to `hostaddr` where one is given, while `pg` goes on knowing the host's name for certificates.
 * What is received lands in one buffer that is used again and again, which costs a third of what events with buffers of their
 * own do: for replies to single statements that is most of the work.
 */
export class HostSocket extends Socket {
  readonly #host: Host;
  #receive: ((bytes: Buffer) => void) | undefined;

  constructor(host: Host) {
    const buffer = Buffer.allocUnsafeSlow(receiveBufferSize);
    const callback = (length: number) => {
      this.#received(buffer.subarray(0, length));
      return true;
    };
    super({ onread: { buffer, callback } } as ConstructorParameters<typeof Socket>[0]);
    this.#host = host;
  }

  override connect(...args: unknown[]): this {
    const { hostaddr, port } = this.#host;
    if (hostaddr !== undefined) return super.connect({ host: hostaddr, port });
    return super.connect(...(args as [string]));
  }

  /** From now on `receive` is called with what arrives, which is valid during the call only, instead of a `data` event. */
  receiveWith(receive: (bytes: Buffer) => void): void {
    this.#receive = receive;
  }

  #received(bytes: Buffer): void {
    if (this.#receive === undefined) this.emit('data', Buffer.from(bytes));
    else this.#receive(bytes);
  }
}
