import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ContentSink, Visit } from './entry.js';

const buffer = Buffer.alloc(256 * 1024);

/**
 * Reads a backup that is a plain data directory, as readArchive reads an archive. Links are followed: those of tablespaces and of the
 * WAL lead to what belongs to the backup.
 */
export async function readTree(directory: string, visit: Visit, signal?: AbortSignal, inside = ''): Promise<void> {
  for (const name of readdirSync(join(directory, inside)).sort()) {
    const path = inside === '' ? name : `${inside}/${name}`;
    const found = statSync(join(directory, path));
    if (found.isDirectory()) {
      visit({ path, type: 'directory', mode: found.mode & 0o777, size: 0 });
      await readTree(directory, visit, signal, path);
    } else if (found.isFile()) {
      const sink = visit({ path, type: 'file', mode: found.mode & 0o777, size: found.size });
      if (sink !== undefined) copyInto(sink, join(directory, path));
      // Signals are only heard between two turns of the event loop.
      await setImmediate();
      signal?.throwIfAborted();
    }
  }
}

function copyInto(sink: ContentSink, file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    for (let length = 1; length > 0; ) {
      length = readSync(descriptor, buffer);
      if (length > 0) sink.data(buffer.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
  sink.end();
}
