/** Cuts a stream of bytes into protocol messages without copying what arrives whole. */
export class MessageFramer {
  readonly #take: (type: number, body: Buffer) => void;
  #pieces: Buffer[] = [];
  #length = 0;
  #wanted = 5;

  /** `take` gets each message's type byte and its body, a view that stays valid as long as it is kept. */
  constructor(take: (type: number, body: Buffer) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    if (this.#length === 0) {
      this.#consume(chunk);
      return;
    }
    this.#pieces.push(chunk);
    this.#length += chunk.length;
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
      this.#take(data[at] as number, data.subarray(at + 5, end));
      at = end;
    }
    if (at === data.length) return;
    this.#pieces = [at === 0 ? data : data.subarray(at)];
    this.#length = data.length - at;
  }
}
