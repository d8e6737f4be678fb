import { createHash } from 'node:crypto';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';

/** Every path below a cluster's working directory that is ours. */
export interface Places {
  readonly workingDir: string;
  readonly dataDir: string;
  readonly sockDir: string;
  /** Our own files: lock, state, drafts, what the server says before it can log. */
  readonly ownDir: string;
  readonly lockFile: string;
  readonly stateFile: string;
  readonly startupLog: string;
}

export function placesOf(workingDir: string): Places {
  const ownDir = join(workingDir, '.slipway');
  return {
    workingDir,
    dataDir: join(workingDir, 'data'),
    sockDir: join(workingDir, 'sock'),
    ownDir,
    lockFile: join(ownDir, 'lock'),
    stateFile: join(ownDir, 'state.json'),
    startupLog: join(ownDir, 'startup.log'),
  };
}

/** Where caches belong: the XDG base directory specification, and on macOS the user's library. */
export function cacheDirectory(env: NodeJS.ProcessEnv): string {
  if (env.XDG_CACHE_HOME?.startsWith('/')) return join(env.XDG_CACHE_HOME, 'slipway');
  const home = env.HOME || homedir();
  return platform() === 'darwin' ? join(home, 'Library', 'Caches', 'slipway') : join(home, '.cache', 'slipway');
}

export interface SocketPlan {
  /** Where clients find the socket; the first of the server's directories. */
  readonly host: string;
  /** `unix_socket_directories` */
  readonly directories: readonly string[];
  /** Set when `sock` has to be a link to this directory outside the working directory. */
  readonly shortDir: string | undefined;
}

/** Bytes of `sun_path` in sockaddr_un, with the closing zero (unix(7); sys/un.h on macOS). */
const socketPathSize = platform() === 'darwin' ? 104 : 108;

/**
 * Chooses the directories for the socket: `sock`, and the working directory itself, which connection strings of existing
 * projects name. A path that is too long for a socket, or has a comma (libpq would take it for two hosts), gets a short private
 * directory instead, the same one for the same working directory.
 */
export function planSockets(
  { workingDir, sockDir }: Places,
  { port, uid, runtimeDir }: { port: number; uid: number; runtimeDir: string },
): SocketPlan {
  if (isSocketDirectory(sockDir, port))
    return { host: sockDir, directories: [sockDir, workingDir], shortDir: undefined };
  const hash = createHash('sha256').update(workingDir).digest('hex').slice(0, 12);
  const shortDir = join(runtimeDir, `slipway-${uid}-${hash}`);
  const fits = isSocketDirectory(workingDir, port);
  return { host: shortDir, directories: fits ? [shortDir, workingDir] : [shortDir], shortDir };
}

/** Whether a path has the form of the short directories that `planSockets` chooses. */
export function isShortDir(path: string): boolean {
  return /\/slipway-\d+-[0-9a-f]{12}$/.test(path);
}

export function isSocketDirectory(directory: string, port: number): boolean {
  return !directory.includes(',') && Buffer.byteLength(`${directory}/.s.PGSQL.${port}`) < socketPathSize;
}
