/** Gets a message's type byte, and where in the bytes its body begins and ends; the bytes are valid during the call only. */
export type TakeMessage = (type: number, bytes: Buffer, start: number, end: number) => void;

/** Cuts a stream of bytes into protocol messages without copying what arrives whole. */
export class MessageFramer {
  readonly #take: TakeMessage;
  #pieces: Buffer[] = [];
  #length = 0;
  #wanted = 5;

  constructor(take: TakeMessage) {
    this.#take = take;
  }

  /** The chunk may be overwritten afterwards. */
  push(chunk: Buffer): void {
    if (this.#length === 0) {
      this.#consume(chunk);
      return;
    }
    this.#keep(chunk);
    if (this.#length < this.#wanted) return;
    const data = Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [];
    this.#length = 0;
    this.#consume(data);
  }

  #consume(data: Buffer): void {
    let at = 0;
    this.#wanted = 5;
    while (data.length - at >= 5) {
      const end = at + 1 + data.readUInt32BE(at + 1);
      if (end > data.length) {
        this.#wanted = end - at;
        break;
      }
      this.#take(data[at] as number, data, at + 5, end);
      at = end;
    }
    if (at < data.length) this.#keep(data.subarray(at));
  }

  #keep(bytes: Buffer): void {
    this.#pieces.push(Buffer.from(bytes));
    this.#length += bytes.length;
  }
}
