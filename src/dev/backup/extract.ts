import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BackupEntry, ContentSink, Visit } from './entry.js';

/** Left out of a data directory: what belongs to the server that the backup is of, or to the backup itself. */
const left =
  /^(postmaster\.(pid|opts)|current_logfiles|tablespace_map|backup_manifest|database_name|(standby|recovery)\.signal|recovery\.conf)$/;

/** A file of a megabyte or more is written without its empty blocks: WAL is mostly that. */
const sparseFrom = 1 << 20;

/**
 * Writes the entries of a backup into an empty directory. Tablespaces become directories in pg_tblspc, wherever they were: nothing is
 * written outside. Call `close` whatever happens.
 */
export class Extraction {
  readonly #directory: string;
  #open: number | undefined;
  /** Bytes written so far. */
  bytes = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  readonly visit: Visit = (entry) => {
    if (left.test(entry.path)) return undefined;
    const target = join(this.#directory, entry.path);
    mkdirSync(entry.type === 'directory' ? target : dirname(target), { recursive: true, mode: 0o700 });
    return entry.type === 'directory' ? undefined : this.#file(target, entry);
  };

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open);
    this.#open = undefined;
  }

  #file(target: string, { mode, size }: BackupEntry): ContentSink {
    const descriptor = openSync(target, 'wx', mode | 0o600);
    this.#open = descriptor;
    let at = 0;
    return {
      data: (bytes) => {
        if (size < sparseFrom || !isEmpty(bytes)) writeAll(descriptor, bytes, at);
        at += bytes.length;
        this.bytes += bytes.length;
      },
      end: () => {
        if (size >= sparseFrom) ftruncateSync(descriptor, at);
        this.close();
      },
    };
  }
}

/** The system may take less than it is given. */
function writeAll(descriptor: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
}

const zeros = Buffer.alloc(256 * 1024);

function isEmpty(bytes: Buffer): boolean {
  return bytes.length <= zeros.length && bytes.equals(zeros.subarray(0, bytes.length));
}
