import { type FileHandle, open } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';

const compress = promisify(deflateRaw);

const blockSize = 1 << 20;
/** Blocks that are being compressed at one time: Node has four threads for it. */
const blocksAtOnce = 4;

type Done = (error?: Error | null) => void;

/** RFC 1952, section 2.3: magic, deflate, no flags, no time, fastest, Unix. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3]);
/** RFC 1951: a last block with fixed codes and nothing in it. */
const lastBlock = Buffer.from([3, 0]);

/**
 * A file compressed with all processors: each megabyte is compressed on its own and ends at a full byte, as pigz does it; together they
 * are one gzip member that any gunzip reads. The content is on the disk when the stream has finished.
 */
export class GzipFile extends Writable {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #pieces: Buffer[] = [];
  #length = 0;
  #crc = 0;
  #total = 0;
  readonly #inWork: Promise<Buffer>[] = [];

  constructor(path: string) {
    super({ highWaterMark: blockSize });
    this.#path = path;
  }

  override _construct(done: Done): void {
    this.#begin().then(() => done(), done);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#pieces.push(chunk);
    this.#length += chunk.length;
    const taken = this.#length < blockSize ? undefined : this.#compressBlock();
    if (taken === undefined) done();
    else taken.then(() => done(), done);
  }

  override _final(done: Done): void {
    this.#finish().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: Done): void {
    const closed = this.#handle?.close() ?? Promise.resolve();
    closed.then(() => done(error), done);
  }

  async #begin(): Promise<void> {
    this.#handle = await open(this.#path, 'wx', 0o600);
    await this.#handle.appendFile(header);
  }

  /** Resolves when there is room for the next block. */
  async #compressBlock(): Promise<void> {
    this.#startBlock();
    if (this.#inWork.length >= blocksAtOnce) await this.#writeOldest();
  }

  #startBlock(): void {
    const block = Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [];
    this.#length = 0;
    this.#total += block.length;
    this.#crc = crc32(block, this.#crc);
    const compressed = compress(block, { level: constants.Z_BEST_SPEED, finishFlush: constants.Z_SYNC_FLUSH });
    compressed.catch(() => undefined);
    this.#inWork.push(compressed);
  }

  async #writeOldest(): Promise<void> {
    const block = await this.#inWork.shift();
    if (block !== undefined) await this.#handle?.appendFile(block);
  }

  async #finish(): Promise<void> {
    if (this.#length > 0) this.#startBlock();
    while (this.#inWork.length > 0) await this.#writeOldest();
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#crc, 0);
    trailer.writeUInt32LE(this.#total % 2 ** 32, 4);
    await this.#handle?.appendFile(Buffer.concat([lastBlock, trailer]));
    await this.#handle?.sync();
  }
}
