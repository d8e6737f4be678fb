import type { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';
import type { Codec } from '../postgres/messages.js';

/** Bytes that may be buffered before they are passed on, and those that may be in the stream before the writer should wait. */
const limit = 1 << 16;

/** How long output may wait to be joined with more of it, in milliseconds. */
const patience = 20;

/** Collects output for a stream of somebody else's, so that ten thousand command tags are not ten thousand system calls. */
export class OutputBuffer {
  readonly #stream: Writable;
  readonly #codec: () => Codec;
  #text = '';
  #timer: NodeJS.Timeout | undefined;
  /** The first failure of the stream, a full disk for instance. */
  failure: Error | undefined;

  constructor(stream: Writable, codec: () => Codec) {
    this.#stream = stream;
    this.#codec = codec;
  }

  /** Width of the terminal that is written to; 0 for anything else. */
  get columns(): number {
    return this.#stream instanceof WriteStream ? this.#stream.columns : 0;
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length > limit) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), patience);
  }

  writeBytes(bytes: Buffer): void {
    this.flush();
    this.#stream.write(bytes);
  }

  /** Hands everything to the stream. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.#stream.write(this.#codec().encode(text));
  }

  /** To be awaited, when there is one, by a writer of much. */
  drained(): Promise<void> | undefined {
    if (this.#stream.writableLength <= limit || this.#stream.destroyed) return undefined;
    return new Promise((resolve) => {
      const settle = () => {
        this.#stream.off('drain', settle).off('close', settle).off('error', settle);
        resolve();
      };
      this.#stream.on('drain', settle).on('close', settle).on('error', settle);
    });
  }

  /** Resolves when the stream has passed on everything. */
  async finished(): Promise<void> {
    this.flush();
    if (this.#stream.writableLength === 0 || this.#stream.destroyed) return;
    await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
  }
}
