import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { baseBackup } from '../../postgres/base-backup/base-backup.js';
import type { ConnectionConfig } from '../../postgres/config.js';
import type { Workspace } from '../workspace.js';
import { examineBackup } from './examine.js';
import type { BackupFacts } from './facts.js';
import { GzipFile } from './gzip-file.js';
import { type BackupSource, openBackup } from './source.js';

/** Takes a base backup into an empty directory, and proves it by reading it again. */
export async function writeBackup(
  connection: ConnectionConfig,
  directory: string,
  database: string,
  { progress, signal }: Pick<Workspace, 'progress' | 'signal'>,
): Promise<BackupFacts> {
  await progress.step('take a base backup', async (detail) => {
    const onProgress = throttled((received: number, expected: number) =>
      detail(`${mebibytes(received)} of about ${mebibytes(expected)}`),
    );
    let received = 0;
    await baseBackup(connection, {
      open: (name) => fileFor(directory, name),
      onProgress: (bytes, expected) => {
        received = bytes;
        onProgress(bytes, expected);
      },
      signal,
    });
    detail(mebibytes(received));
  });
  await writeFile(join(directory, 'database_name'), `${database}\n`, { flush: true });
  return proveBackup(await openBackup(directory, { archive: true }), { progress, signal });
}

/** Reads a backup and holds it against its manifest. */
export function proveBackup(
  source: BackupSource,
  { progress, signal }: Pick<Workspace, 'progress' | 'signal'>,
): Promise<BackupFacts> {
  return progress.step('read the backup', async (detail) => {
    const onProgress = throttled((bytes: number) => detail(mebibytes(bytes)));
    const facts = await examineBackup(source, { signal, onProgress });
    const checksums = facts.verified ? 'every checksum is right' : 'it has no checksums';
    detail(`PostgreSQL ${facts.major}, ${facts.files} files, ${mebibytes(facts.bytes)}, ${checksums}`);
    return facts;
  });
}

/** The manifest stays readable as it is; archives are compressed. All of it is on the disk before the old backup goes. */
function fileFor(directory: string, name: string): Writable {
  if (name.endsWith('.tar')) return new GzipFile(join(directory, `${name}.gz`));
  return createWriteStream(join(directory, name), { flush: true, mode: 0o600 });
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

const showEveryMs = 100;

/** Lets a call through ten times a second: whoever watches sees no more, and drawing costs. */
export function throttled<Arguments extends unknown[]>(
  show: (...args: Arguments) => void,
): (...args: Arguments) => void {
  let last = 0;
  return (...args) => {
    const now = performance.now();
    if (now - last < showEveryMs) return;
    last = now;
    show(...args);
  };
}
