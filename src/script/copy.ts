import type { Wire } from '../postgres/wire.js';

/** Sends COPY data from a source while the server asks for them, and leaves nothing of the source's block behind. */
export class CopyFeed {
  /** Settles when the block has been read to its end, whether the server wanted all of it or not. */
  readonly done: Promise<void>;
  /** Set when the server has refused: the rest is read and dropped, as psql does. */
  refused = false;
  /** Set when the source could not be read. */
  failure: unknown;

  constructor(wire: Wire, blocks: AsyncIterable<Buffer>) {
    this.done = this.#feed(wire, blocks).catch((error: unknown) => {
      this.failure = error;
      wire.copyFail('aborted because of read failure');
    });
  }

  async #feed(wire: Wire, blocks: AsyncIterable<Buffer>): Promise<void> {
    for await (const bytes of blocks) {
      if (!this.refused) await wire.copyData(bytes);
    }
    if (!this.refused) wire.copyDone();
  }
}
