import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { busySocket, dataInUse } from './faults.js';
import { type PostmasterFile, readPostmasterFile, readSocketLock } from './postmaster.js';
import { identify, isTaken, programOf } from './processes.js';
import { serverProcesses } from './server.js';
import type { Site } from './site.js';

/**
 * Makes sure that nobody else uses the data directory or listens where our server shall, and clears away what dead ones left.
 * @throws UserError for a live one; nothing has been changed then.
 */
export async function clearTheWay(site: Site): Promise<void> {
  const { places, sockets, settings } = site;
  const own = await serverProcesses(places.dataDir);
  const file = await readPostmasterFile(places.dataDir);
  if (file?.standalone && own.includes(file.pid)) throw dataInUse(places.dataDir, file.pid);
  for (const directory of sockets.directories) {
    const lock = await readSocketLock(directory, settings.port);
    if (lock !== undefined && own.includes(lock.pid)) continue;
    await clearSocket(join(directory, `.s.PGSQL.${settings.port}`), lock);
  }
  // The number of a process that is gone the server itself judges best: it also looks for orphans of the old server.
  const misleads = file === undefined || isTaken(file.pid);
  if (own.length === 0 && misleads) await rm(join(places.dataDir, 'postmaster.pid'), { force: true });
}

async function clearSocket(socket: string, lock: PostmasterFile | undefined): Promise<void> {
  const program = lock && (await identify(lock.pid)) && (await programOf(lock.pid));
  const who = lock && program ? `${program}, process ${lock.pid}, ${lock.dataDir}` : 'an unknown process';
  if ((await isListening(socket)) || program?.includes('postgres')) throw busySocket(socket, who);
  // The number of a server that has died may belong to another program now, or to a process that nobody has waited for:
  // PostgreSQL would take either for the server.
  await rm(`${socket}.lock`, { force: true });
}

export function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => resolve(true)).once('error', () => resolve(false));
    connection.once('connect', () => connection.destroy());
  });
}
