import { createReadStream, type ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { Parser } from 'tar/parse';
import type { ReadEntry } from 'tar/read-entry';
import { messageOf, UserError } from '../../errors.js';
import { entryPath, type Visit } from './entry.js';

const chunkSize = 256 * 1024;

/**
 * Reads a tar file, compressed by gzip or not, in one pass and in little memory. `prefix` is where in the data directory its entries belong.
 * @throws UserError that names the file when it is damaged, cut off or of another kind; what `visit` throws.
 */
export async function readArchive(file: string, prefix: string, visit: Visit, signal?: AbortSignal): Promise<void> {
  const compressed = await isGzip(file);
  const parser = new Parser({ strict: true });
  let refusal: { readonly error: unknown } | undefined;
  parser.on('error', (error: unknown) => {
    refusal ??= { error: damaged(file, error) };
  });
  parser.on('entry', (entry: ReadEntry) => {
    try {
      hand(entry, prefix, visit);
    } catch (error) {
      refusal ??= { error };
      entry.resume();
    }
  });
  const check = () => {
    signal?.throwIfAborted();
    if (refusal !== undefined) throw refusal.error;
  };
  const source = createReadStream(file, { highWaterMark: chunkSize });
  try {
    for await (const chunk of compressed ? unpacked(source) : source) {
      parser.write(chunk as Buffer);
      check();
    }
    parser.end();
    check();
  } catch (error) {
    throw isOfZlib(error) ? damaged(file, error) : error;
  } finally {
    source.destroy();
  }
}

function unpacked(source: ReadStream): Gunzip {
  const gunzip = createGunzip({ chunkSize });
  source.on('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

function hand(entry: ReadEntry, prefix: string, visit: Visit): void {
  const path = entryPath(prefix, entry.path);
  const type = entry.type === 'Directory' ? 'directory' : 'file';
  // Links are those of tablespaces, whose content has a file of its own; nothing else of a server's is one.
  const isWanted = path !== undefined && ['Directory', 'File', 'OldFile', 'ContiguousFile'].includes(entry.type);
  const sink = isWanted ? visit({ path, type, mode: (entry.mode ?? 0o600) & 0o777, size: entry.size }) : undefined;
  if (sink === undefined) return void entry.resume();
  entry.on('data', (bytes: Buffer) => sink.data(bytes));
  entry.on('end', () => sink.end());
}

/** First bytes of files that are not what they should be, and what to do with them. */
const strangers: readonly [magic: string, what: string, hint: string][] = [
  ['28b52ffd', 'compressed by zstd', 'Unpack it first: zstd -d FILE'],
  ['04224d18', 'compressed by lz4', 'Unpack it first: lz4 -d FILE'],
  ['5047444d50', 'a dump of pg_dump', 'pg_restore loads it into a database that runs.'],
  ['504b0304', 'a ZIP file', 'A base backup is base.tar.gz, as pg_basebackup --format=tar --gzip writes it.'],
];

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  const magic = await handle
    .read(Buffer.alloc(5), 0, 5, 0)
    .then(({ buffer, bytesRead }) => buffer.subarray(0, bytesRead).toString('hex'))
    .finally(() => handle.close());
  if (magic.startsWith('1f8b')) return true;
  const stranger = strangers.find(([start]) => magic.startsWith(start));
  if (stranger === undefined) return false;
  throw new UserError(`${file} is ${stranger[1]}, not a base backup`, { hint: stranger[2] });
}

function isOfZlib(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^Z_/.test(String(error.code));
}

function damaged(file: string, error: unknown): UserError {
  return new UserError(`${file} is not a whole tar file: ${messageOf(error)}`, {
    hint: 'Nothing was changed. The file is damaged or cut off; use another backup.',
    cause: error,
  });
}
