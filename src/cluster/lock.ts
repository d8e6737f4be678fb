import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../errors.js';
import { here, identify, isRunning, type Place, type ProcessIdentity } from './processes.js';

/** What a lock file says of its holder. */
interface Holder extends ProcessIdentity {
  readonly place: Place;
  /** Different for every time that a lock is taken. */
  readonly token: string;
  /** What the holder does, for those who wait. */
  readonly purpose: string;
}

export interface LockOptions {
  readonly purpose: string;
  readonly signal?: AbortSignal | undefined;
  /** Told once, when another holds the lock. */
  readonly onWait?: (holder: { pid: number; host: string; purpose: string }) => void;
}

const pollMs = 20;
const heartbeatMs = 2000;
/** A holder that we cannot look at (another host or container) is given up when its file has not been touched for so long. */
const silenceMs = 20_000;

/**
 * Runs `use` while this process holds the lock file. A holder that has died is replaced; one on another host, whose processes we
 * cannot see, is replaced once its heartbeat has been missing for 20 seconds.
 */
export async function withLock<T>(
  path: string,
  { purpose, signal, onWait }: LockOptions,
  use: () => Promise<T>,
): Promise<T> {
  const own = await describeSelf(purpose);
  await acquire(path, own, signal, onWait);
  const heartbeat = setInterval(() => touch(path), heartbeatMs);
  heartbeat.unref();
  try {
    return await use();
  } finally {
    clearInterval(heartbeat);
    await release(path, own);
  }
}

async function describeSelf(purpose: string): Promise<Holder> {
  const { pid } = process;
  const started = (await identify(pid))?.started ?? '';
  return { pid, started, place: await here(), token: randomBytes(12).toString('hex'), purpose };
}

async function acquire(path: string, own: Holder, signal: AbortSignal | undefined, onWait: LockOptions['onWait']) {
  const silence = silenceWatch(path);
  let told = false;
  for (;;) {
    signal?.throwIfAborted();
    if (await create(path, own)) return;
    const holder = await read(path);
    if (holder === undefined) continue;
    if (await isGone(holder, own.place, silence)) {
      if (await takeOver(path, holder, own, signal)) return;
      continue;
    }
    if (!told) onWait?.({ pid: holder.pid, host: holder.place.host, purpose: holder.purpose });
    told = true;
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
  }
}

/** A link appears with its whole content at once, and only if nothing stands there: a plain file would be empty for a moment. */
async function create(path: string, own: Holder): Promise<boolean> {
  const draft = await writeDraft(path, own);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The directory may be gone: whoever held the lock may have removed the cluster with all that is in it. */
async function writeDraft(path: string, own: Holder): Promise<string> {
  const draft = `${path}.${own.token}`;
  for (let triesLeft = 20; ; triesLeft--) {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
      return draft;
    } catch (error) {
      // It can go away between any two steps of ours, and those of a recursive mkdir.
      if (codeOf(error) !== 'ENOENT' || triesLeft === 0) throw error;
      await sleep(pollMs);
    }
  }
}

async function read(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return unreadable;
    throw error;
  }
}

/** A power cut can leave an empty file behind; no living holder ever shows one. */
const unreadable: Holder = {
  pid: 0,
  started: '',
  place: { host: '', boot: '', namespace: '' },
  token: 'unreadable',
  purpose: '',
};

async function isGone(holder: Holder, place: Place, silence: () => Promise<number>): Promise<boolean> {
  if (holder === unreadable) return true;
  if (holder.place.host === place.host && holder.place.boot !== place.boot) return true;
  const visible = holder.place.boot === place.boot && holder.place.namespace === place.namespace;
  return visible ? !(await isRunning(holder)) : (await silence()) > silenceMs;
}

/** Whether a file is the lock of a process that lives, or may live where we cannot see it. */
export async function isHeld(path: string): Promise<boolean> {
  const holder = await read(path).catch(() => undefined);
  if (holder?.token === undefined) return false;
  return !(await isGone(holder, await here(), async () => 0));
}

/** How long a file has kept its time of change, by our own clock: clocks of two hosts differ. */
function silenceWatch(path: string): () => Promise<number> {
  let seen = { mtime: Number.NaN, since: performance.now() };
  return async () => {
    const mtime = (await stat(path).catch(() => undefined))?.mtimeMs ?? Number.NaN;
    if (mtime !== seen.mtime) seen = { mtime, since: performance.now() };
    return performance.now() - seen.since;
  };
}

/**
 * Replaces a dead holder's file. Two who find it dead at once must not both win: the right to replace *this* holder is a lock
 * itself, and whoever has it looks again before acting.
 */
function takeOver(path: string, dead: Holder, own: Holder, signal: AbortSignal | undefined): Promise<boolean> {
  return withLock(`${path}.${dead.token}.dead`, { purpose: own.purpose, signal }, async () => {
    if ((await read(path))?.token !== dead.token) return false;
    await rename(await writeDraft(path, own), path);
    return true;
  });
}

async function release(path: string, own: Holder): Promise<void> {
  if ((await read(path))?.token === own.token) await rm(path, { force: true });
}

function touch(path: string): void {
  const now = new Date();
  utimes(path, now, now).catch(() => undefined);
}
