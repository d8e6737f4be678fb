import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../files.js';
import { ignoreAbsence, type LockFile, lockFileName, readLockFile } from './lock-file.js';
import { orders, type UpstreamName } from './names.js';
import { type Found, readUpstream, type SourceOptions } from './source.js';

export interface SyncOptions extends SourceOptions {
  /** A directory, a tar archive, or a version. */
  readonly source: string;
  /** Where the files and their lock are kept. */
  readonly directory: string;
  readonly dryRun?: boolean | undefined;
}

export interface SyncedFile {
  readonly file: UpstreamName;
  readonly change: 'added' | 'changed' | 'removed' | 'same';
  readonly sha256: string | undefined;
  /** Unified; empty when nothing changed. */
  readonly diff: string;
}

export interface SyncReport {
  readonly origin: string;
  readonly files: readonly SyncedFile[];
}

/**
 * Brings upstream's files into a directory, byte for byte, with a lock file that pins them, and tells how they differ from what was
 * there. The lock file is written last and at once: until then `init --upstream` refuses files that it does not know.
 */
export async function syncUpstream({
  source,
  directory,
  dryRun = false,
  ...options
}: SyncOptions): Promise<SyncReport> {
  const found = await readUpstream(source, options);
  const lock = await readLockFile(directory);
  const names = orders.seed.filter((name) => found.files.has(name) || lock?.files[name] !== undefined);
  const files = await Promise.all(names.map(async (name) => compare(name, found, await current(directory, name))));
  if (!dryRun) await write(directory, found, files);
  return { origin: found.origin, files };
}

function current(directory: string, name: UpstreamName): Promise<Buffer | undefined> {
  return readFile(join(directory, name)).catch(ignoreAbsence);
}

async function compare(file: UpstreamName, { files }: Found, before: Buffer | undefined): Promise<SyncedFile> {
  const after = files.get(file);
  const hash = after && sha256(after);
  if (before !== undefined && after?.equals(before)) return { file, change: 'same', sha256: hash, diff: '' };
  const { createTwoFilesPatch } = await import('diff');
  const text = (bytes: Buffer | undefined) => bytes?.toString('utf8') ?? '';
  const [from, to] = [
    before === undefined ? '/dev/null' : `a/${file}`,
    after === undefined ? '/dev/null' : `b/${file}`,
  ];
  const diff = createTwoFilesPatch(from, to, text(before), text(after)).replace(/^=+\n/, '');
  const change = after === undefined ? 'removed' : before === undefined ? 'added' : 'changed';
  return { file, change, sha256: hash, diff };
}

async function write(directory: string, { origin, files }: Found, synced: readonly SyncedFile[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { file, change } of synced) {
    const bytes = files.get(file);
    if (change === 'removed') await rm(join(directory, file), { force: true });
    else if (bytes !== undefined && change !== 'same') await replaceFile(join(directory, file), bytes);
  }
  const pins = synced.flatMap(({ file, sha256 }) => (sha256 === undefined ? [] : [[file, { sha256 }]]));
  const lock: LockFile = { origin, files: Object.fromEntries(pins) };
  await replaceFile(join(directory, lockFileName), `${JSON.stringify(lock, null, 2)}\n`);
}

async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, content);
  await rename(draft, path);
}
