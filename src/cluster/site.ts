import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, lstat, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, messageOf, UserError } from '../errors.js';
import { type Account, asAccount, currentAccount, fileOwner } from './account.js';
import { type Binaries, findBinaries } from './binaries.js';
import { foreignOwner } from './faults.js';
import { ownerOf } from './inspect.js';
import { isShortDir, isSocketDirectory, type Places, placesOf, planSockets, type SocketPlan } from './places.js';
import type { ClusterSettings } from './settings.js';
import { copyTree, type Owner } from './tree.js';

/** Everything that stays the same while one cluster is worked on. */
export interface Site {
  readonly settings: ClusterSettings;
  readonly places: Places;
  readonly account: Account;
  readonly binaries: Binaries;
  readonly sockets: SocketPlan;
  /** Environment of the server's programs. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  /** Tells the user a line of progress. */
  readonly report: (line: string) => void;
}

export interface StartOptions {
  readonly signal?: AbortSignal | undefined;
  readonly report?: ((line: string) => void) | undefined;
  /** Defaults to our own environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Makes the working directory where it is missing. @throws UserError when it cannot be made or written to. */
export async function makeWorkingDir(places: Places): Promise<void> {
  try {
    await mkdir(places.ownDir, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new UserError(`cannot write to PG_WORKING_DIR ${places.workingDir}: ${messageOf(error)}`, {
      cause: error,
      hint: 'Set PG_WORKING_DIR to a directory that you may write to.',
    });
  }
}

/** Finds the server and the account to run it, and gives that account what it needs of the working directory. */
export async function openSite(
  settings: ClusterSettings,
  { signal, report = () => undefined, env = process.env }: StartOptions,
): Promise<Site> {
  const places = placesOf(settings.workingDir);
  const dataOwner = await ownerOf(places.dataDir);
  const account = currentAccount(settings.osUser, dataOwner);
  if (dataOwner !== undefined && !mayOwn(account, dataOwner)) throw foreignOwner(places.dataDir, dataOwner);
  const access = await openTo(account, places);
  const found = await findBinaries(settings.binDir, settings.cacheDir, env);
  const binaries = account.kind === 'other' ? await reachableCopy(account, found, places) : found;
  const plan = planFor(settings, places, account);
  const sockets = access.write ? plan : { ...plan, directories: [plan.host] };
  return { settings, places, account, binaries, sockets, env: serverEnv(env), signal, report };
}

/** Root may take over what it owns itself, and give it to the account that PG_OS_USER names. */
function mayOwn(account: Account, owner: number): boolean {
  if (account.kind === 'other') return owner === account.uid || owner === 0;
  return owner === process.getuid?.();
}

/** Where the sockets of a cluster are, or will be. */
export async function socketPlanOf(settings: ClusterSettings): Promise<SocketPlan> {
  const places = placesOf(settings.workingDir);
  return planFor(settings, places, currentAccount(settings.osUser, await ownerOf(places.dataDir)));
}

/** A runtime directory is private to its user, so a server under another account cannot use it. */
function planFor(settings: ClusterSettings, places: Places, account: Account): SocketPlan {
  const { port } = settings;
  const uid = process.getuid?.() ?? 0;
  const usable =
    account.kind !== 'other' && isSocketDirectory(join(settings.runtimeDir, 'slipway-0000000000-000000000000'), port);
  const runtimeDir = usable && existsSync(settings.runtimeDir) ? settings.runtimeDir : '/tmp';
  return planSockets(places, { port, uid, runtimeDir });
}

/** Variables that mean something to clients, or are secrets of the project, are not the server's business. */
function serverEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(PG|POSTGRESQL_|HECTIC_|STAGING_|DB_URL$)/;
  const kept = Object.entries(env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/**
 * Gives the working directory to the account when nothing else is in it.
 * @returns whether the account can write there; data and sockets have directories of their own.
 * @throws UserError when the account cannot get there at all.
 */
async function openTo(account: Account, places: Places): Promise<{ write: boolean }> {
  if (account.kind === 'self') return { write: true };
  const owner = fileOwner(account);
  if (owner !== undefined && (await holdsOnlyOurs(places.workingDir)))
    await chown(places.workingDir, owner.uid, owner.gid);
  const { ownDir, workingDir } = places;
  const status = statusAs(account, 'test -x "$1" || exit 1; test -w "$2" || exit 2', ownDir, workingDir);
  if (status === 1) throw unreachable(account, workingDir);
  return { write: status === 0 };
}

/** The server's programs, or a copy of them when the account cannot reach where they are installed. */
async function reachableCopy(account: Account, binaries: Binaries, places: Places): Promise<Binaries> {
  if (statusAs(account, 'test -r "$1"', join(binaries.binDir, 'postgres')) === 0) return binaries;
  const copy = join(places.ownDir, `server-${binaries.version}`);
  if (!existsSync(copy)) await copyTree(dirname(binaries.binDir), copy);
  return { ...binaries, binDir: join(copy, basename(binaries.binDir)) };
}

const ownNames = /^(data(\.(broken|replaced)-.*)?|sock|\.slipway|\.s\.PGSQL\..*)$/;

/** A directory that holds other things as well (a project, a home) is not ours to give away. */
async function holdsOnlyOurs(workingDir: string): Promise<boolean> {
  return (await readdir(workingDir)).every((name) => ownNames.test(name));
}

/** Only a try as the account tells what it may do: modes alone do not. */
function statusAs(account: Account, script: string, ...paths: string[]): number | null {
  const { command, args, ids } = asAccount(account, '/bin/sh', ['-c', script, 'sh', ...paths]);
  return spawnSync(command, args, { ...ids, cwd: '/', stdio: 'ignore' }).status;
}

function unreachable(account: Account, workingDir: string): UserError {
  const who = account.kind === 'other' ? `the account '${account.name}'` : 'root without its privileges';
  return new UserError(`${who}, which has to run the server, cannot reach ${workingDir}`, {
    hint:
      'PostgreSQL refuses to run with the privileges of root. Set PG_WORKING_DIR to a directory that the account can reach (below\n' +
      '/var/lib or /srv, say), open the way with chmod o+x on each directory above it, or choose another account with PG_OS_USER.',
  });
}

/** Makes the directories for the sockets, and `sock` as a link where the socket itself has to be elsewhere. */
export async function makeSocketDirs({ sockets, places, account }: Site): Promise<void> {
  const owner = fileOwner(account);
  if (sockets.shortDir === undefined) {
    if ((await lstat(places.sockDir).catch(() => undefined))?.isSymbolicLink()) await rm(places.sockDir);
    await mkdir(places.sockDir, { recursive: true, mode: 0o700 });
    if (owner !== undefined) await chown(places.sockDir, owner.uid, owner.gid);
    return;
  }
  await makePrivate(sockets.shortDir, owner);
  await removeSockets(places.sockDir);
  await symlink(sockets.shortDir, places.sockDir);
}

/** In a directory that all may write to, somebody else could have put something of that name there. */
async function makePrivate(directory: string, owner: Owner | undefined): Promise<void> {
  const made = await mkdir(directory, { mode: 0o700 }).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
      return false;
    },
  );
  if (made && owner !== undefined) await chown(directory, owner.uid, owner.gid);
  const found = await lstat(directory);
  const uid = owner?.uid ?? process.getuid?.();
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return;
  throw new UserError(`${directory}, the place for the socket, is not a private directory of ours`, {
    hint: 'Somebody else made it. Remove it, or set XDG_RUNTIME_DIR to a directory of your own.',
  });
}

/** Removes a socket directory with nothing in it but sockets, or a link to a private one with what it leads to. */
export async function removeSockets(sockDir: string): Promise<void> {
  const found = await lstat(sockDir).catch(() => undefined);
  if (found === undefined) return;
  if (found.isSymbolicLink()) {
    const target = await readlink(sockDir);
    if (isShortDir(target)) await removeSockets(target);
    return rm(sockDir);
  }
  const sockets = (await readdir(sockDir)).filter((name) => name.startsWith('.s.PGSQL.'));
  await Promise.all(sockets.map((name) => rm(join(sockDir, name), { force: true })));
  if ((await readdir(sockDir)).length === 0) await rm(sockDir, { recursive: true });
}
