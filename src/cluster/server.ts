import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fchownSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, realpath, rm } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, asAccount, fileOwner } from './account.js';
import { type PostmasterFile, readPostmasterFile } from './postmaster.js';
import { identify, isRunning, processesIn, signalProcess } from './processes.js';

const pollMs = 3;

export interface LaunchOptions {
  readonly account: Account;
  /** The program `postgres`. */
  readonly program: string;
  readonly dataDir: string;
  /** Settings for the command line, which nothing overrides. */
  readonly settings: Readonly<Record<string, string>>;
  /** Receives what the server says before it has a log of its own. */
  readonly startupLog: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** The server ended before it was ready; `output` is what it said on stderr. */
export class ServerFailed extends Error {
  readonly output: string;
  constructor(output: string) {
    super('the server ended before it was ready');
    this.output = output;
  }
}

/**
 * Starts a server and waits until it takes connections. The process outlives us and holds none of our files.
 * @throws ServerFailed; the reason of an aborted signal, with the server stopped.
 */
export async function launchServer(options: LaunchOptions): Promise<void> {
  const server = spawnServer(options);
  const ended = once(server, 'exit').then(() => true);
  try {
    while (!(await isReady(options.dataDir, server.pid as number))) {
      options.signal?.throwIfAborted();
      if (await Promise.race([ended, sleep(pollMs, false)])) {
        throw new ServerFailed(await readFile(options.startupLog, 'utf8'));
      }
    }
  } catch (error) {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGQUIT');
      await ended;
    }
    throw error;
  }
  server.unref();
}

/**
 * The shell waits for a word from us before it becomes the server: if we are killed before it stands in the data directory,
 * where the next run looks for it, it ends by itself.
 */
function spawnServer({ account, program, dataDir, settings, startupLog, env }: LaunchOptions): ChildProcess {
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { command, args: all, ids } = asAccount(account, program, ['-D', dataDir, ...args]);
  const log = openSync(startupLog, 'w', 0o600);
  const nothing = openSync('/dev/null', 'r+');
  try {
    const owner = fileOwner(account);
    if (owner !== undefined) fchownSync(log, owner.uid, owner.gid);
    const script = 'read -r go && exec "$@" </dev/null';
    const child = spawn('/bin/sh', ['-c', script, 'sh', command, ...all], {
      cwd: dataDir,
      detached: true,
      env,
      stdio: ['pipe', log, log, ...hiddenDescriptors(nothing)],
      ...ids,
    });
    child.on('error', () => undefined);
    child.stdin?.on('error', () => undefined);
    child.stdin?.end('go\n');
    return child;
  } finally {
    closeSync(log);
    closeSync(nothing);
  }
}

/**
 * What we have inherited from the program that started us (a pipe of a CI system or an agent, say) would stay open for as long as
 * the server runs, and its reader would wait for the end in vain: each gets `nothing` instead. Node hides only the first sixteen.
 */
function hiddenDescriptors(nothing: number): (number | 'ignore')[] {
  const inherited = inheritedDescriptors();
  const count = Math.max(2, ...inherited) - 2;
  return Array.from({ length: count }, (_, index) => (inherited.includes(index + 3) ? nothing : 'ignore'));
}

/** Descriptors above the standard three that a child would get (proc(5), /proc/pid/fdinfo: flags hold O_CLOEXEC). */
function inheritedDescriptors(): number[] {
  if (platform() !== 'linux') return [];
  return readdirSync('/proc/self/fdinfo')
    .map(Number)
    .filter((descriptor) => descriptor > 2 && !closesOnExec(descriptor));
}

const closeOnExecFlag = 0o2000000;

function closesOnExec(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return (Number.parseInt(flags ?? '0', 8) & closeOnExecFlag) !== 0;
  } catch {
    // The descriptor that listed the directory is closed by now.
    return true;
  }
}

async function isReady(dataDir: string, pid: number): Promise<boolean> {
  const file = await readPostmasterFile(dataDir);
  return file !== undefined && file.pid === pid && (file.status === 'ready' || file.status === 'standby');
}

/** The server that runs in a data directory, by its own lock file; undefined for a stale file or none. */
export async function findServer(dataDir: string): Promise<PostmasterFile | undefined> {
  return serverAmong(await serverProcesses(dataDir), dataDir);
}

async function serverAmong(processes: readonly number[], dataDir: string): Promise<PostmasterFile | undefined> {
  const file = processes.length === 0 ? undefined : await readPostmasterFile(dataDir);
  return file !== undefined && processes.includes(file.pid) ? file : undefined;
}

/** Every process that works in a data directory, also when the directory was deleted under it. */
export async function serverProcesses(dataDir: string): Promise<number[]> {
  return processesIn(await realpath(dataDir).catch(() => dataDir));
}

/** How long a fast shutdown may take before connections are cut (milliseconds). */
const fastMs = 30_000;
const immediateMs = 5_000;

/**
 * Stops everything that runs in a data directory: a fast shutdown, an immediate one when that takes too long, at last a kill.
 * @returns whether anything ran.
 */
export async function stopServer(dataDir: string): Promise<boolean> {
  const all = await serverProcesses(dataDir);
  if (all.length === 0) return false;
  const server = await serverAmong(all, dataDir);
  // Without its lock file a server cannot be asked to write its memory out in an orderly way.
  if (server !== undefined) await signalAndWait([server.pid], 'SIGINT', fastMs);
  await signalAndWait(await serverProcesses(dataDir), 'SIGQUIT', immediateMs);
  await signalAndWait(await serverProcesses(dataDir), 'SIGKILL', immediateMs);
  await rm(join(dataDir, 'postmaster.pid'), { force: true });
  return true;
}

/** Ends when none of the processes runs any more, or the time is up. */
async function signalAndWait(pids: readonly number[], signal: NodeJS.Signals, ms: number): Promise<void> {
  const running = (await Promise.all(pids.map(identify))).filter((found) => found !== undefined);
  for (const { pid } of running) signalProcess(pid, signal);
  const deadline = performance.now() + ms;
  for (const one of running) {
    while ((await isRunning(one)) && performance.now() < deadline) await sleep(pollMs);
  }
}
