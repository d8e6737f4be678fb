import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.js';
import { launch } from './launch.js';
import type { Places } from './places.js';
import { stopServer } from './server.js';
import type { Site } from './site.js';

/** Says where the old data is going while it changes places with the new. */
const noteOf = ({ ownDir }: Places) => join(ownDir, 'replacing');

/**
 * Puts a draft into the place of the data directory and starts it. The old data is kept beside it. When the new does not start, the old
 * returns, and its server with it.
 * @returns where the old data is; undefined when there was none.
 */
export async function exchangeData(site: Site, draft: string, start: () => Promise<void>): Promise<string | undefined> {
  const { dataDir, workingDir } = site.places;
  const aside = existsSync(dataDir) ? join(workingDir, `data.replaced-${timeStamp()}`) : undefined;
  const wasRunning = await stopServer(dataDir);
  if (aside !== undefined) await writeFile(noteOf(site.places), aside);
  try {
    if (aside !== undefined) await rename(dataDir, aside);
    await rename(draft, dataDir);
    await start();
  } catch (error) {
    await putBack(site, aside, draft);
    if (wasRunning) await launch({ ...site, signal: undefined });
    throw error;
  } finally {
    await rm(noteOf(site.places), { force: true });
  }
  return aside;
}

async function putBack({ places: { dataDir } }: Site, aside: string | undefined, draft: string): Promise<void> {
  if (!existsSync(draft) && existsSync(dataDir)) {
    await stopServer(dataDir);
    await rename(dataDir, draft);
  }
  if (aside !== undefined && existsSync(aside)) await rename(aside, dataDir);
}

/** A kill between the two renames leaves nothing in the place of the data directory: the old data returns. */
export async function settleReplacement(places: Places): Promise<void> {
  const aside = await readFile(noteOf(places), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (aside === undefined) return;
  if (!existsSync(places.dataDir) && existsSync(aside)) await rename(aside, places.dataDir);
  await rm(noteOf(places), { force: true });
}

/** For names of directories: `2026-11-21T16-20-05`. */
export function timeStamp(): string {
  return new Date()
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(':', '-');
}
