import {
  chownSync,
  constants,
  copyFile as copyFileWithCallback,
  lchownSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { chown, open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A user and group id. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What a copy held: enough to notice that files of it are missing or cut off. */
export interface TreeSize {
  readonly files: number;
  readonly bytes: number;
}

interface FileCopy {
  readonly source: string;
  readonly target: string;
  readonly size: number;
  readonly mode: number;
}

/** Node's promise of a copy takes several times longer than its callback, and there are a thousand files. */
const copyFile = promisify(copyFileWithCallback);

/**
 * Copies a directory with its modes, as clones where the file system can; `to` must not exist. A file of a megabyte or more is
 * written without its empty blocks: a fresh cluster's write-ahead log is 16 MB of almost nothing.
 * All files are handed to Node's threads at once, so that this thread can do something else.
 */
export async function copyTree(from: string, to: string, owner?: Owner): Promise<TreeSize> {
  const files = copyDirectories(from, to, owner);
  const copied = await Promise.allSettled(files.map((file) => copyOwned(file, owner)));
  for (const outcome of copied) if (outcome.status === 'rejected') throw outcome.reason;
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

async function copyOwned(file: FileCopy, owner: Owner | undefined): Promise<void> {
  await copyContent(file);
  if (owner !== undefined) await chown(file.target, owner.uid, owner.gid);
}

/** Makes the directories and the symbolic links; returns the files that are to follow. */
function copyDirectories(from: string, to: string, owner: Owner | undefined): FileCopy[] {
  // A read-only installation is copied so that it can be added to.
  mkdirSync(to, { mode: (statSync(from).mode & 0o777) | 0o700 });
  if (owner !== undefined) chownSync(to, owner.uid, owner.gid);
  return readdirSync(from, { withFileTypes: true }).flatMap((entry) => {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) return copyDirectories(source, target, owner);
    if (entry.isSymbolicLink()) {
      symlinkSync(readlinkSync(source), target);
      return [];
    }
    const { size, mode } = statSync(source);
    return [{ source, target, size, mode }];
  });
}

const sparseFrom = 1024 * 1024;

async function copyContent({ source, target, size, mode }: FileCopy): Promise<void> {
  if (size < sparseFrom) return copyFile(source, target, constants.COPYFILE_FICLONE);
  const cloned = copyFile(source, target, constants.COPYFILE_FICLONE_FORCE);
  await cloned.catch(() => copySparse(source, target, mode));
}

const blockSize = 64 * 1024;
const empty = Buffer.alloc(blockSize);

/** In pieces of a megabyte: a whole segment of the log would make the garbage collector busy. */
async function copySparse(source: string, target: string, mode: number): Promise<void> {
  const buffer = Buffer.alloc(sparseFrom);
  const [from, to] = [await open(source), await open(target, 'w', mode)];
  try {
    let size = 0;
    for (;;) {
      const { bytesRead } = await from.read(buffer, 0, buffer.length, size);
      if (bytesRead === 0) break;
      for (let at = 0; at < bytesRead; at += blockSize) {
        const block = buffer.subarray(at, Math.min(at + blockSize, bytesRead));
        if (!block.equals(empty.subarray(0, block.length))) await to.write(block, 0, block.length, size + at);
      }
      size += bytesRead;
    }
    await to.truncate(size);
    await to.chmod(mode);
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
}

/** Gives a directory and all in it to an account; links themselves, not what they lead to. */
export function chownTree(path: string, owner: Owner): void {
  lchownSync(path, owner.uid, owner.gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) chownTree(inner, owner);
    else lchownSync(inner, owner.uid, owner.gid);
  }
}
