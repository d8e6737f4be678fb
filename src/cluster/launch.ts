import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileOwner } from './account.js';
import { clearTheWay } from './clearance.js';
import { directoryList } from './conf.js';
import { ownerOf } from './inspect.js';
import { planRuntime, writeRuntime } from './runtime.js';
import { launchServer, ServerFailed, serverProcesses } from './server.js';
import { makeSocketDirs, type Site } from './site.js';
import { chownTree } from './tree.js';

/** Starts the server of the data directory with the settings of this launch. @throws ServerFailed with all that the server said. */
export async function launch(site: Site): Promise<void> {
  const { places, sockets, settings, account, binaries, env, signal } = site;
  await clearTheWay(site);
  await giveData(site);
  await makeSocketDirs(site);
  await writeRuntime(site, await planRuntime(site));
  await rm(join(places.dataDir, 'current_logfiles'), { force: true });
  try {
    await launchServer({
      account,
      program: join(binaries.binDir, 'postgres'),
      dataDir: places.dataDir,
      settings: { port: String(settings.port), unix_socket_directories: directoryList(sockets.directories) },
      startupLog: places.startupLog,
      env,
      signal,
    });
  } catch (error) {
    if (!(error instanceof ServerFailed)) throw error;
    await untilIdle(places.dataDir);
    throw new ServerFailed(`${error.output}\n${await lastLog(places.dataDir)}`);
  }
}

/** Root's own cluster changes hands when PG_OS_USER says so. */
async function giveData({ account, places }: Site): Promise<void> {
  const owner = fileOwner(account);
  if (owner !== undefined && (await ownerOf(places.dataDir)) !== owner.uid) chownTree(places.dataDir, owner);
}

/** The log collector outlives its server by a moment and writes the end of the story. */
async function untilIdle(dataDir: string): Promise<void> {
  const deadline = performance.now() + 1000;
  while ((await serverProcesses(dataDir)).length > 0 && performance.now() < deadline) await sleep(5);
}

/** What the server logged since it was started last. */
async function lastLog(dataDir: string): Promise<string> {
  const current = await readFile(join(dataDir, 'current_logfiles'), 'utf8').catch(() => '');
  const path = /^stderr (.*)$/m.exec(current)?.[1];
  if (path === undefined) return '';
  const text = await readFile(path.startsWith('/') ? path : join(dataDir, path), 'utf8').catch(() => '');
  return text.slice(Math.max(0, text.lastIndexOf('starting PostgreSQL')));
}
