import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileOwner } from './account.js';
import { clearTheWay, isListening } from './clearance.js';
import { type Cluster, clusterAt } from './cluster.js';
import { draftCluster, moveAside, recipeOf, replaceData, sweep } from './create.js';
import {
  brokenReason,
  explainFailure,
  explainSystemError,
  foreignFiles,
  notOurs,
  otherVersion,
  unusable,
} from './faults.js';
import { type DataAction, type DataState, decideData, inspectData, ownerOf } from './inspect.js';
import { launch } from './launch.js';
import { withLock } from './lock.js';
import { type Places, placesOf } from './places.js';
import { planRuntime } from './runtime.js';
import { findServer, ServerFailed, stopServer } from './server.js';
import type { ClusterSettings } from './settings.js';
import { makeWorkingDir, openSite, removeSockets, type Site, type StartOptions } from './site.js';
import { dropTemplate, templateKey } from './template.js';

/**
 * Starts the cluster of a working directory: a fresh one, or with `reuse` the one that is there. One process at a time works on a
 * directory; who had to wait uses what was made meanwhile.
 * @throws UserError with message, remedy and exit code; what stood there is still there then.
 */
export async function startCluster(settings: ClusterSettings, options: StartOptions = {}): Promise<Cluster> {
  const places = placesOf(settings.workingDir);
  await makeWorkingDir(places);
  const began = Date.now();
  const report = options.report ?? (() => undefined);
  const onWait = (holder: { pid: number; host: string; purpose: string }) =>
    report(`Waiting for process ${holder.pid} on ${holder.host}, which ${holder.purpose} (${places.lockFile})`);
  const holding = { purpose: 'starts this cluster', signal: options.signal, onWait };
  return withLock(places.lockFile, holding, async () => {
    const madeMeanwhile = (await completedAt(places)) >= began;
    return start(madeMeanwhile ? { ...settings, reuse: true } : settings, places, options);
  }).catch((error: unknown) => Promise.reject(explainSystemError(error, settings)));
}

async function start(settings: ClusterSettings, places: Places, options: StartOptions): Promise<Cluster> {
  // The driver takes as long to load as a server to start: let it load while files are copied.
  void import('./query.js');
  await sweep(places);
  const site = await openSite(settings, options);
  await bringUp(site);
  await writeFile(places.stateFile, JSON.stringify({ completedAt: Date.now() }));
  return clusterAt(settings, site.sockets.host);
}

/** When the last start ended well, in milliseconds since 1970. */
async function completedAt({ stateFile }: Places): Promise<number> {
  try {
    return (JSON.parse(await readFile(stateFile, 'utf8')) as { completedAt: number }).completedAt;
  } catch {
    return 0;
  }
}

async function bringUp(site: Site): Promise<void> {
  const { places, settings, binaries, report } = site;
  const state = await inspectData(places.dataDir, places.workingDir);
  const action = decideData(state, { reuse: settings.reuse, major: binaries.major });
  refuse(action, state, site);
  await clearTheWay(site);
  if (action.do === 'start') {
    if (await isUpToDate(site)) return finish(site);
    if (await stopServer(places.dataDir)) report('Restarting the server: its settings have changed');
    return startExisting(site);
  }
  const draft = await draftCluster(site);
  await stopServer(places.dataDir);
  if (action.do === 'move aside') await moveAside(site, action.reason);
  await removeSockets(places.sockDir);
  await startFresh(site, draft);
}

function refuse(action: DataAction, state: DataState, { places, binaries }: Site): void {
  if (action.do !== 'refuse') return;
  if (state.kind === 'foreign') throw foreignFiles(places.dataDir, state.example);
  if (state.kind !== 'cluster') return;
  if (action.because === 'version') throw otherVersion(places.dataDir, state.major, binaries);
  throw notOurs(places.dataDir);
}

/** Whether the server runs already, where and how this launch wants it. */
async function isUpToDate(site: Site): Promise<boolean> {
  const { places, sockets, settings, account } = site;
  const server = await findServer(places.dataDir);
  if ((await ownerOf(places.dataDir)) !== (fileOwner(account)?.uid ?? process.getuid?.())) return false;
  if (server === undefined || server.port !== settings.port || server.socketDir !== sockets.host) return false;
  return (await planRuntime(site)).unchanged && (await isListening(join(sockets.host, `.s.PGSQL.${settings.port}`)));
}

/** A cluster whose files are proved to be unusable makes place for a new one; any other failure is the user's to judge. */
async function startExisting(site: Site): Promise<void> {
  try {
    await launch(site);
  } catch (error) {
    const reason = error instanceof ServerFailed ? brokenReason(error.output) : undefined;
    if (reason === undefined) throw explained(error, site);
    const draft = await draftCluster(site);
    await moveAside(site, reason);
    return startFresh(site, draft);
  }
  await finish(site);
}

async function startFresh(site: Site, draft: string): Promise<void> {
  const removeOld = await replaceData(site, draft, () => launchFresh(site));
  await Promise.all([removeOld(), finish(site)]);
}

/** A template with a flaw that only the server sees must not stop every start from now on. */
async function launchFresh(site: Site): Promise<void> {
  const { settings, places } = site;
  try {
    await launch(site);
  } catch (error) {
    if (!(error instanceof ServerFailed) || brokenReason(error.output) === undefined) throw explained(error, site);
    await dropTemplate(settings.cacheDir, templateKey(recipeOf(site)));
    const draft = await draftCluster(site);
    await rm(places.dataDir, { recursive: true, force: true, maxRetries: 5 });
    await rename(draft, places.dataDir);
    await launch(site).catch((again: unknown) => Promise.reject(explained(again, site)));
  }
}

/** Starts data that has just been put in place, and makes sure of its databases. */
export async function bringUpReplacement(site: Site): Promise<void> {
  await removeSockets(site.places.sockDir);
  await launch(site).catch((error: unknown) => {
    throw explained(error, site);
  });
  await finish(site);
}

/** A server's failure as an error for the user; any other error as it is. */
export function explained(error: unknown, { settings, places }: Site): unknown {
  if (!(error instanceof ServerFailed)) return error;
  const conf = join(places.dataDir, 'postgresql.conf');
  const output = error.output.replaceAll(conf, settings.confFile ?? conf);
  return explainFailure('starting the server', output, settings);
}

async function finish({ settings, sockets }: Site): Promise<void> {
  const { user, database, port, alsoEnsure } = settings;
  const wanted = [{ user, database }, ...(alsoEnsure === undefined ? [] : [alsoEnsure])];
  const { ensureDatabases } = await import('./query.js');
  await ensureDatabases({ host: sockets.host, port, user, database }, wanted).catch((error: unknown) => {
    throw unusable(error, settings);
  });
}
