import { existsSync } from 'node:fs';
import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.js';
import { explainSystemError, foreignFiles, notOurs } from './faults.js';
import { inspectData } from './inspect.js';
import { isHeld, withLock } from './lock.js';
import { type Places, placesOf } from './places.js';
import { stopServer } from './server.js';
import { removeSockets, type StartOptions } from './site.js';

export type Stopped = 'stopped' | 'not running';

/** Stops the cluster of a working directory; nothing there, nothing running, or a stale pid file is no error. */
export async function stopCluster(workingDir: string, options: StartOptions = {}): Promise<Stopped> {
  const places = placesOf(workingDir);
  if (!existsSync(places.dataDir)) return 'not running';
  return locked(places, 'stops this cluster', options, () => stop(places));
}

/** The private directory of a long path's socket stands in a public place, so it goes as well; the next start makes it again. */
async function stop({ dataDir, sockDir }: Places): Promise<Stopped> {
  const stopped = await stopServer(dataDir);
  if ((await lstat(sockDir).catch(() => undefined))?.isSymbolicLink()) await removeSockets(sockDir);
  return stopped ? 'stopped' : 'not running';
}

const cannotWrite: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES']);

/**
 * A directory that we cannot write to has no lock of ours either, but a server in it can still be stopped; and on a full disk
 * that is what frees it.
 */
async function locked<T>(
  places: Places,
  purpose: string,
  { signal, report }: StartOptions,
  use: () => Promise<T>,
): Promise<T> {
  if (!existsSync(places.ownDir)) return use();
  const onWait = (holder: { pid: number; purpose: string }) =>
    report?.(`Waiting for process ${holder.pid}, which ${holder.purpose}`);
  let isHeld = false;
  const held = () => {
    isHeld = true;
    return use();
  };
  return withLock(places.lockFile, { purpose, signal, onWait }, held).catch((error: unknown) => {
    if (!isHeld && cannotWrite.has(codeOf(error))) return use();
    throw explainSystemError(error, { workingDir: places.workingDir, confFile: undefined });
  });
}

/**
 * Stops the cluster and removes it, and the working directory when nothing else is in it. Clusters that were moved aside as
 * broken stay.
 * @throws UserError when what stands in `data` was not made by us.
 */
export async function removeCluster(workingDir: string, options: StartOptions = {}): Promise<Stopped> {
  const places = placesOf(workingDir);
  if (!existsSync(workingDir)) return 'not running';
  const stopped = await locked(places, 'removes this cluster', options, async () => {
    const state = await inspectData(places.dataDir, workingDir);
    if (state.kind === 'foreign') throw foreignFiles(places.dataDir, state.example);
    if ((state.kind === 'cluster' || state.kind === 'broken') && !state.ours) throw notOurs(places.dataDir);
    const outcome = await stop(places);
    await removeSockets(places.sockDir);
    await rm(places.dataDir, { recursive: true, force: true, maxRetries: 5 });
    await removeOwnFiles(places.ownDir);
    return outcome;
  });
  await removeEmptyDirectories(places);
  return stopped;
}

/** All but the locks of living processes: one of them is ours, and another may wait to make the next cluster here. */
async function removeOwnFiles(ownDir: string): Promise<void> {
  const names = existsSync(ownDir) ? await readdir(ownDir) : [];
  for (const path of names.map((name) => join(ownDir, name))) {
    if (!(await isHeld(path))) await rm(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Removes the directories of a cluster that has been removed. What else stands there is not ours, and an empty directory that has to
 * stay (a mount point, a parent of root's) does no harm.
 */
export async function removeEmptyDirectories({ ownDir, workingDir }: Places): Promise<void> {
  for (const directory of [ownDir, workingDir]) await rmdir(directory).catch(() => undefined);
}
