import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.js';

/** `postmaster.pid`, a line each (miscadmin.h, LOCK_FILE_LINE_*). */
export interface PostmasterFile {
  readonly pid: number;
  /** A single-user backend (`postgres --single`), no server. */
  readonly standalone: boolean;
  readonly dataDir: string;
  readonly port: number;
  /** The first of `unix_socket_directories`. */
  readonly socketDir: string;
  /** The server writes a status when it is far enough: starting, stopping, ready, standby. */
  readonly status: string;
}

/** @returns undefined for a file that names no process: an empty one after a crash, or one only half written. */
export function parsePostmasterFile(text: string): PostmasterFile | undefined {
  const [pid = '', dataDir = '', , port = '', socketDir = '', , , status = ''] = text.split('\n');
  if (!/^-?\d+$/.test(pid.trim())) return undefined;
  // A negative number is a stand-alone backend (CreateLockFile in miscinit.c).
  const standalone = pid.startsWith('-');
  return { pid: Math.abs(Number(pid)), standalone, dataDir, port: Number(port), socketDir, status: status.trim() };
}

/** The server's own lock file in a data directory; undefined when there is none that can be read as one. */
export async function readPostmasterFile(dataDir: string): Promise<PostmasterFile | undefined> {
  const text = await readIfThere(join(dataDir, 'postmaster.pid'));
  return text === undefined ? undefined : parsePostmasterFile(text);
}

/** The lock file beside a socket has the same first lines. */
export async function readSocketLock(socketDir: string, port: number): Promise<PostmasterFile | undefined> {
  const text = await readIfThere(join(socketDir, `.s.PGSQL.${port}.lock`));
  return text === undefined ? undefined : parsePostmasterFile(text);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}
