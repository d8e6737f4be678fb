import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import type { Cluster } from './cluster.js';
import { here, identify, isRunning, type Place, type ProcessIdentity } from './processes.js';
import { type ClusterSettings, readClusterSettings } from './settings.js';
import type { StartOptions } from './site.js';
import { startCluster } from './start.js';
import { removeCluster } from './stop.js';

/** What the register says of a temporary cluster. */
interface Entry {
  readonly directory: string;
  readonly owner: ProcessIdentity;
  readonly place: Place;
}

/** Lends a fresh cluster in a temporary place (see withTemporaryPlace). */
export function withTemporaryCluster<T>(options: StartOptions, use: (cluster: Cluster) => Promise<T>): Promise<T> {
  return withTemporaryPlace(options, async (settings) => use(await startCluster(settings, options)));
}

export interface TemporaryPlaceOptions extends StartOptions {
  /** Where the directory is made; TMPDIR when undefined. */
  readonly parent?: string;
}

/**
 * Lends settings for a cluster in a private directory of its own, and removes it whatever happens. Any number may exist at
 * once. What a killed process left behind is removed by the next call.
 * Variables that say where and how the developer's own cluster lives do not count; PG_BIN_DIR, PG_OS_USER, PG_CONF_FILE,
 * PG_DATABASE and PG_SHARED_PRELOAD_LIBRARIES do.
 */
export async function withTemporaryPlace<T>(
  options: TemporaryPlaceOptions,
  use: (settings: ClusterSettings) => Promise<T>,
): Promise<T> {
  const env = options.env ?? process.env;
  const { cacheDir } = readClusterSettings({ ...env, PG_WORKING_DIR: '/' });
  const register = join(cacheDir, 'temporary');
  await removeAbandoned(register);
  const workingDir = await makeDirectory(options.parent ?? tmpdir());
  const entry = await enter(register, workingDir);
  try {
    return await use(readClusterSettings(environmentFor(env, workingDir)));
  } finally {
    await removeCluster(workingDir);
    if (entry !== undefined) await rm(entry, { force: true });
  }
}

async function makeDirectory(parent: string): Promise<string> {
  try {
    return await realpath(await mkdtemp(join(parent, 'slipway-')));
  } catch (error) {
    throw new UserError(`cannot make a temporary directory in ${parent}: ${messageOf(error)}`, {
      cause: error,
      hint: parent === tmpdir() ? 'Set TMPDIR to a directory that you may write to.' : undefined,
    });
  }
}

function environmentFor(env: NodeJS.ProcessEnv, workingDir: string): NodeJS.ProcessEnv {
  const { PG_PORT: _, PG_REUSE: __, PG_LOG_PATH: ___, DB_URL: ____, ...kept } = env;
  return { ...kept, PG_WORKING_DIR: workingDir };
}

/** Without a cache there is no register, and nobody to clean up after a kill; the cluster itself works. */
async function enter(register: string, directory: string): Promise<string | undefined> {
  const owner = await identify(process.pid);
  if (owner === undefined) return undefined;
  const path = join(register, `${randomBytes(6).toString('hex')}.json`);
  const entry: Entry = { directory, owner, place: await here() };
  try {
    await mkdir(register, { recursive: true, mode: 0o700 });
    await writeFile(path, JSON.stringify(entry));
    return path;
  } catch {
    return undefined;
  }
}

async function removeAbandoned(register: string): Promise<void> {
  const names = existsSync(register) ? await readdir(register) : [];
  const place = await here();
  for (const name of names) {
    const path = join(register, name);
    const entry = await readEntry(path);
    if (entry === undefined || !(await isAbandoned(entry, place))) continue;
    // One that cannot be removed now is tried again next time: it must not stop the work that we were asked to do.
    await removeCluster(entry.directory).then(
      () => rm(path, { force: true }),
      () => undefined,
    );
  }
}

async function readEntry(path: string): Promise<Entry | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Entry;
  } catch {
    return undefined;
  }
}

/** Of processes on another host or in another container we know nothing. */
async function isAbandoned({ owner, place: { host, boot, namespace } }: Entry, place: Place): Promise<boolean> {
  if (host === place.host && boot !== place.boot) return true;
  return boot === place.boot && namespace === place.namespace && !(await isRunning(owner));
}
