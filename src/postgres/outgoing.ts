import type { Duplex } from 'node:stream';
import { type Codec, queryPacket, writeHead } from './messages.js';

/** As much as a server reads at a time (pqcomm.c, PQ_RECV_BUFFER_SIZE): while it works on that, more is put together. */
const parcelSize = 1 << 13;
const bufferSize = 2 * parcelSize;

/** The most bytes that a UTF-16 code unit becomes, and those of a Query message around its text. */
const longestCharacter = 3;
const queryFrame = 6;

/** Packets on their way to a socket: between `hold` and `release` small ones are joined to parcels. */
export class Outgoing {
  readonly #socket: Duplex;
  #buffer = Buffer.allocUnsafeSlow(bufferSize);
  #length = 0;
  #isHeld = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#flush();
  }

  /** Sends packets, which must not be changed afterwards. */
  packets(packets: Buffer): void {
    if (packets.length > parcelSize) {
      this.#flush();
      this.#socket.write(packets);
      return;
    }
    if (packets.length > bufferSize - this.#length) this.#flush();
    this.#length += packets.copy(this.#buffer, this.#length);
    this.#flushWhenDue();
  }

  /** Sends a simple Query. */
  query(sql: string, codec: Codec): void {
    const most = longestCharacter * sql.length + queryFrame;
    if (most > bufferSize) {
      this.packets(queryPacket(codec.encode(sql)));
      return;
    }
    if (most > bufferSize - this.#length) this.#flush();
    const start = this.#length;
    const end = start + 5 + codec.write(sql, this.#buffer, start + 5);
    this.#buffer[end] = 0;
    writeHead(this.#buffer, start, 'Q', end - start - 4);
    this.#length = end + 1;
    this.#flushWhenDue();
  }

  #flushWhenDue(): void {
    if (!this.#isHeld || this.#length >= parcelSize) this.#flush();
  }

  /** The buffer is used again as soon as the system has what was in it. */
  #flush(): void {
    if (this.#length === 0) return;
    this.#socket.write(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    if (this.#socket.writableLength > 0) this.#buffer = Buffer.allocUnsafeSlow(bufferSize);
  }
}
