import { appendFile, chown, mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, UserError } from '../errors.js';
import { fileOwner } from './account.js';
import type { Binaries } from './binaries.js';
import { type Cluster, clusterAt } from './cluster.js';
import { confText } from './conf.js';
import { sweep } from './create.js';
import { explainSystemError, foreignFiles, notOurs } from './faults.js';
import { inspectData } from './inspect.js';
import { withLock } from './lock.js';
import { type Places, placesOf } from './places.js';
import { exchangeData } from './replacement.js';
import { planRuntime, writeRuntime } from './runtime.js';
import type { ClusterSettings } from './settings.js';
import { runSingleUser } from './single-user.js';
import { makeWorkingDir, openSite, type Site, type StartOptions } from './site.js';
import { bringUpReplacement, explained } from './start.js';
import { chownTree } from './tree.js';

/** The data directory that shall take the place of the one that is there. */
export interface NewData {
  /** Major version of PostgreSQL that made it. */
  readonly major: number;
  /** Bytes that it needs on the disk. */
  readonly bytes: number;
  /** Whether its tablespaces are directories in pg_tblspc. */
  readonly hasTablespaces: boolean;
  /** What the superuser that initdb made shall run before anybody can connect, one statement each; one that fails is passed over. */
  readonly statements?: readonly string[];
  /** Writes it into an empty directory. */
  readonly fill: (directory: string) => Promise<void>;
}

export interface Restored {
  readonly cluster: Cluster;
  /** Where the data is that stood there; undefined when there was none. */
  readonly aside: string | undefined;
}

/**
 * Replaces the data of a cluster: fills a directory beside it, lets PostgreSQL recover it there, and only when that has succeeded puts it
 * in place and starts the server. What stood there is kept, and returns when anything fails.
 * @throws UserError, before anything is changed, when the server is of another version, or the disk too small.
 */
export async function restoreCluster(
  settings: ClusterSettings,
  data: NewData,
  options: StartOptions = {},
): Promise<Restored> {
  const places = placesOf(settings.workingDir);
  await makeWorkingDir(places);
  const onWait = (holder: { pid: number; purpose: string }) =>
    options.report?.(`Waiting for process ${holder.pid}, which ${holder.purpose}`);
  const holding = { purpose: 'restores this cluster', signal: options.signal, onWait };
  return withLock(places.lockFile, holding, async () => {
    await sweep(places);
    const site = await openSite(settings, options);
    await refuse(site, data);
    const aside = await replace(site, data);
    return { cluster: clusterAt(settings, site.sockets.host), aside };
  }).catch((error: unknown) => {
    throw explainSystemError(error, settings);
  });
}

async function refuse({ places, binaries }: Site, { major, bytes }: NewData): Promise<void> {
  requireMajor(binaries, major);
  const state = await inspectData(places.dataDir, places.workingDir);
  if (state.kind === 'foreign') throw foreignFiles(places.dataDir, state.example);
  if (state.kind === 'cluster' && !state.ours) throw notOurs(places.dataDir);
  await requireRoom(places, bytes);
}

/** @throws UserError when data of a major version is not for this server. */
export function requireMajor({ version, major: server, binDir }: Binaries, major: number): void {
  if (server === major) return;
  throw new UserError(`the backup is of PostgreSQL ${major}, but the server is ${version} (${binDir})`, {
    exitCode: ExitCode.ambiguous,
    hint: `Nothing was changed. Set PG_BIN_DIR to the programs of PostgreSQL ${major}; PG_BIN_DIR=system takes the newest installed.`,
  });
}

/** What recovery and the first start write besides. */
const reserve = 32 * 2 ** 20;

async function requireRoom({ ownDir }: Places, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(ownDir);
  const free = bavail * bsize;
  if (free >= bytes + reserve) return;
  const mebibytes = (count: number) => `${Math.ceil(count / 2 ** 20)} MiB`;
  throw new UserError(
    `the backup needs ${mebibytes(bytes + reserve)}, and the disk of ${ownDir} has ${mebibytes(free)} left`,
    {
      hint: 'Nothing was changed. Free some space, or set PG_WORKING_DIR to a directory on another disk.',
    },
  );
}

async function replace(site: Site, data: NewData): Promise<string | undefined> {
  const draft = join(site.places.ownDir, `draft-${process.pid}-${Date.now().toString(36)}`);
  try {
    await makePrivate(site, draft);
    await data.fill(draft);
    await prepareData(site, draft, data);
    await writeRuntimeOf(site, draft);
    await runSingleUser(site, { dataDir: draft, database: 'template1', statements: data.statements ?? [] }).catch(
      (error: unknown) => {
        throw explained(error, site);
      },
    );
    return await exchangeData(site, draft, () => bringUpReplacement(site));
  } finally {
    await rm(draft, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function makePrivate({ account }: Site, directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  const owner = fileOwner(account);
  if (owner !== undefined) await chown(directory, owner.uid, owner.gid);
}

/**
 * Gives the files to the account that runs the server. Tablespaces that are directories and no links are only recovered when a developer's
 * setting says so (CheckTablespaceDirectory in xlogrecovery.c); versions 14.0 to 14.4 neither check nor know it.
 */
export async function prepareData(
  { account, binaries }: Site,
  dataDir: string,
  { hasTablespaces }: Pick<NewData, 'hasTablespaces'>,
) {
  const knowsSetting = binaries.major > 14 || Number(binaries.version.split('.')[1] ?? 0) >= 5;
  if (hasTablespaces && knowsSetting) {
    await appendFile(join(dataDir, 'postgresql.conf'), `\n${confText({ allow_in_place_tablespaces: 'on' })}`);
  }
  const owner = fileOwner(account);
  if (owner !== undefined) chownTree(dataDir, owner);
}

async function writeRuntimeOf(site: Site, dataDir: string): Promise<void> {
  const there = { ...site, places: { ...site.places, dataDir } };
  await writeRuntime(there, await planRuntime(there));
}
