import { codecFor } from '../encoding.js';
import { Reply, readRow, type ServerMessage } from '../messages.js';
import type { ReplyHandler } from '../request.js';
import type { BackupStreams } from './streams.js';

/** Bytes that have come, and how many the server expects to send, its WAL not counted. */
export type OnProgress = (received: number, expected: number) => void;

type Rows = (string | null)[][];

const utf8 = codecFor('UTF8');

/** Version 14 leaves out the two empty blocks that end a tar file. */
const tarEnd = Buffer.alloc(1024);

/**
 * Reads the replies to BASE_BACKUP: a result with the start, one with the tablespaces, the files, a result with the end. Up to version 14
 * each file is a COPY of its own, in the order of the tablespaces, and the manifest comes last; since 15 one COPY holds typed messages
 * (documentation, "Streaming Replication Protocol").
 */
export class BackupConversation implements ReplyHandler {
  readonly #streams: BackupStreams;
  readonly #onProgress: OnProgress;
  readonly #hasTypedMessages: boolean;
  readonly #results: Rows[] = [];
  #copies = 0;
  #received = 0;
  refusal: ServerMessage | undefined;

  constructor(major: number, streams: BackupStreams, onProgress: OnProgress) {
    this.#hasTypedMessages = major >= 15;
    this.#streams = streams;
    this.#onProgress = onProgress;
  }

  /** Whoever reads the socket has no use for an exception: it goes where a file's errors go. */
  reply(type: number, bytes: Buffer, start: number, end: number): void {
    try {
      // A file may take the bytes later than they are valid.
      this.#take(type, Buffer.from(bytes.subarray(start, end)));
    } catch (error) {
      this.#streams.onError(error);
    }
  }

  failure(message: ServerMessage): void {
    this.refusal = message;
  }

  notice(): void {}

  #take(type: number, body: Buffer): void {
    if (type === Reply.rowDescription) this.#results.push([]);
    else if (type === Reply.dataRow) this.#results.at(-1)?.push(readRow(body, 0, utf8));
    else if (type === Reply.copyOut) this.#beginCopy();
    else if (type === Reply.copyData) this.#data(body);
    else if (type === Reply.copyDone) this.#endCopy();
  }

  #beginCopy(): void {
    if (this.#hasTypedMessages) return;
    const tablespace = this.#tablespaces[this.#copies];
    this.#copies += 1;
    this.#begin(tablespace === undefined ? 'backup_manifest' : `${tablespace[0] ?? 'base'}.tar`);
  }

  #data(body: Buffer): void {
    const kind = this.#hasTypedMessages ? body[0] : undefined;
    if (kind === undefined) this.#write(body);
    else if (kind === 0x64) this.#write(body.subarray(1));
    else if (kind === 0x6e) this.#begin(utf8.decode(body, 1, body.indexOf(0, 1)));
    else if (kind === 0x6d) this.#begin('backup_manifest');
  }

  #endCopy(): void {
    if (!this.#hasTypedMessages && this.#copies <= this.#tablespaces.length) this.#streams.write(tarEnd);
  }

  #begin(name: string): void {
    // The name becomes a file's: a server that is not what it seems must not choose where.
    if (!/^(base|\d+)\.tar$|^backup_manifest$/.test(name)) throw new Error(`the server sends a file called ${name}`);
    this.#streams.begin(name);
  }

  #write(bytes: Buffer): void {
    this.#streams.write(bytes);
    this.#received += bytes.length;
    this.#onProgress(this.#received, this.#expected);
  }

  /** Rows of OID, path and size in kilobytes; the data directory has no OID. */
  get #tablespaces(): Rows {
    return this.#results[1] ?? [];
  }

  get #expected(): number {
    return this.#tablespaces.reduce((sum, [, , size]) => sum + Number(size ?? 0) * 1024, 0);
  }
}
