import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Codec } from '../postgres/messages.js';
import { systemMessage } from './system-error.js';

/** Where the bytes of a script come from: resolves with the next piece, undefined at the end. */
export type ByteReader = () => Promise<Buffer | undefined>;

const newline = 0x0a;
const chunkSize = 1 << 18;

/** What a read has left of its buffer is read into as well, down to this size. */
const smallestRead = 1 << 14;
const nothing = Buffer.alloc(0);

/** A script, or a file of data, cannot be read any further. */
export class ReadFailure extends Error {
  override name = 'ReadFailure';
}

/** Reads an open file; throws a ReadFailure. */
export function fileBytes(file: FileHandle): ByteReader {
  let free = nothing;
  return async () => {
    if (free.length < smallestRead) free = Buffer.allocUnsafe(chunkSize);
    const { bytesRead } = await file.read(free).catch((cause: unknown) => {
      throw new ReadFailure(systemMessage(cause), { cause });
    });
    const bytes = free.subarray(0, bytesRead);
    free = free.subarray(bytesRead);
    return bytesRead === 0 ? undefined : bytes;
  };
}

/** Reads a stream, standard input for instance; an absent one is empty. */
export function streamBytes(stream: Readable | undefined): ByteReader {
  const pieces = stream?.[Symbol.asyncIterator]();
  return async () => {
    const piece = await pieces?.next();
    return piece === undefined || piece.done ? undefined : Buffer.from(piece.value);
  };
}

/** Reads bytes that are in memory already. */
export function bytesOf(text: string | Buffer): ByteReader {
  let rest: Buffer | undefined = typeof text === 'string' ? Buffer.from(text) : text;
  return async () => {
    const piece = rest;
    rest = undefined;
    return piece?.length === 0 ? undefined : piece;
  };
}

/** A script as psql reads it: line by line for SQL and commands, block by block for in-line COPY data. */
export class ScriptSource {
  /** Number of the line read last; lines of COPY data count. */
  lineNumber = 0;
  readonly #read: ByteReader;
  #chunk: Buffer = nothing;
  #at = 0;
  /** Beginning of a line that goes on in the next chunk. */
  #head: Buffer[] = [];

  constructor(read: ByteReader) {
    this.#read = read;
  }

  /** The next line without its newline when it has been read already; undefined says nothing about the end. */
  takeLine(codec: Codec): string | undefined {
    const start = this.#at;
    const end = this.#chunk.indexOf(newline, start);
    if (end < 0) return undefined;
    this.#at = end + 1;
    this.lineNumber++;
    if (this.#head.length === 0) return codec.decode(this.#chunk, start, end);
    const line = this.#withHead(this.#chunk.subarray(start, end));
    return codec.decode(line, 0, line.length);
  }

  /** The next line without its newline, undefined at the end; the last line may lack its newline. */
  async nextLine(codec: Codec): Promise<string | undefined> {
    for (let line = this.takeLine(codec); ; line = this.takeLine(codec)) {
      if (line !== undefined) return line;
      if (await this.#fill()) continue;
      const last = this.#lastLine();
      return last && codec.decode(last, 0, last.length);
    }
  }

  /**
   * In-line data of COPY in text or CSV format, piece by piece: whole lines up to a line `\.` (which is consumed and not given) or to
   * the end of the script.
   */
  async *dataLines(): AsyncGenerator<Buffer> {
    for (;;) {
      const { bytes, terminated } = this.#takeData();
      if (bytes.length > 0) yield bytes;
      if (terminated) return;
      if (bytes.length === 0 && !(await this.#fill())) break;
    }
    const last = this.#lastLine();
    if (last !== undefined && !isTerminator(last)) yield last;
  }

  /** Everything that is left, for COPY in binary format. */
  async *rest(): AsyncGenerator<Buffer> {
    do {
      const bytes = this.#withHead(this.#chunk.subarray(this.#at));
      this.#at = this.#chunk.length;
      if (bytes.length > 0) yield bytes;
    } while (await this.#fill());
  }

  /** The whole lines of data in the current chunk, up to the terminator if it is among them. */
  #takeData(): { bytes: Buffer; terminated: boolean } {
    if (this.#head.length > 0) return this.#takeBrokenLine();
    const start = this.#at;
    for (let from = start; ; ) {
      const at = this.#chunk.indexOf('\\.', from, 'latin1');
      const end = at < 0 ? -1 : this.#chunk.indexOf(newline, at);
      if (end < 0) return { bytes: this.#takeUpTo(this.#chunk.lastIndexOf(newline) + 1), terminated: false };
      const isLineStart = at === start || this.#chunk[at - 1] === newline;
      if (isLineStart && isTerminator(this.#chunk.subarray(at, end))) {
        const bytes = this.#takeUpTo(at);
        this.#takeUpTo(end + 1);
        return { bytes, terminated: true };
      }
      from = end + 1;
    }
  }

  /** A line that began in an earlier chunk is looked at by itself. */
  #takeBrokenLine(): { bytes: Buffer; terminated: boolean } {
    const end = this.#chunk.indexOf(newline, this.#at);
    if (end < 0) return { bytes: nothing, terminated: false };
    const line = this.#withHead(this.#takeUpTo(end + 1));
    const terminated = isTerminator(line.subarray(0, -1));
    return { bytes: terminated ? nothing : line, terminated };
  }

  /** Takes whole lines. */
  #takeUpTo(end: number): Buffer {
    if (end <= this.#at) return nothing;
    const bytes = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) this.lineNumber++;
    return bytes;
  }

  #withHead(bytes: Buffer): Buffer {
    if (this.#head.length === 0) return bytes;
    const whole = Buffer.concat([...this.#head, bytes]);
    this.#head = [];
    return whole;
  }

  #lastLine(): Buffer | undefined {
    const last = this.#withHead(nothing);
    if (last.length === 0) return undefined;
    this.lineNumber++;
    return last;
  }

  async #fill(): Promise<boolean> {
    if (this.#at < this.#chunk.length) this.#head.push(this.#chunk.subarray(this.#at));
    this.#at = 0;
    this.#chunk = (await this.#read()) ?? nothing;
    return this.#chunk.length > 0;
  }
}

/** A line that ends in-line data: `\.`, perhaps with a carriage return. */
function isTerminator(line: Buffer): boolean {
  return line[0] === 0x5c && line[1] === 0x2e && (line.length === 2 || (line.length === 3 && line[2] === 0x0d));
}
