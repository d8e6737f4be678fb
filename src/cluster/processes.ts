import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname, platform } from 'node:os';
import { promisify } from 'node:util';
import { codeOf } from '../errors.js';

const run = promisify(execFile);
const hasProc = platform() === 'linux';

/** A process that a later one with the same number cannot be mistaken for. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in the system's own words; only good for comparing. */
  readonly started: string;
}

/** The identity of a running process; undefined when there is none (a zombie counts as none). */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const started = hasProc ? startedByProc(pid) : await startedByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

export async function isRunning({ pid, started }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.started === started;
}

/** proc(5), /proc/pid/stat: fields after the command's closing parenthesis; the 1st is the state, the 20th the start in ticks. */
function startedByProc(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

async function startedByPs(pid: number): Promise<string | undefined> {
  const shown = await run('ps', ['-o', 'state=,lstart=', '-p', String(pid)]).catch(() => undefined);
  const line = shown?.stdout.trim();
  return line === undefined || line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Numbers of the processes that work in a data directory, also when it was deleted under them: a server and its children change
 * into it. Where the directory of a process cannot be seen (macOS), its command line must name PostgreSQL and the directory.
 */
export async function processesIn(dataDir: string): Promise<number[]> {
  if (hasProc) {
    const places = [dataDir, `${dataDir} (deleted)`];
    return numericEntries('/proc').filter((pid) => places.includes(workingDirectoryOf(pid) ?? ''));
  }
  const { stdout } = await run('ps', ['-axo', 'pid=,command=']);
  const lines = stdout.split('\n').filter((line) => /\bpostgres\b/.test(line) && line.includes(dataDir));
  return lines.map((line) => Number.parseInt(line, 10));
}

function numericEntries(directory: string): number[] {
  return readdirSync(directory)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function workingDirectoryOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** The name of a program by the number of its process, for messages. */
export async function programOf(pid: number): Promise<string> {
  if (hasProc) return readProc(`/proc/${pid}/comm`)?.trim() ?? 'a program';
  const shown = await run('ps', ['-o', 'comm=', '-p', String(pid)]).catch(() => undefined);
  return shown?.stdout.trim() || 'a program';
}

/** @returns false when the process is gone already. @throws what the system says when it is not ours to signal. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    throw error;
  }
}

/** Whether a number is in use, by a zombie or a stranger as well: this is all that PostgreSQL asks. */
export function isTaken(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Where numbers of processes mean something: one boot of one machine, and there one process namespace. */
export interface Place {
  readonly host: string;
  readonly boot: string;
  readonly namespace: string;
}

export async function here(): Promise<Place> {
  const boot = hasProc
    ? await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
    : await run('sysctl', ['-n', 'kern.boottime']).then(
        ({ stdout }) => stdout,
        () => '',
      );
  return { host: hostname(), boot: boot.trim(), namespace: hasProc ? pidNamespace() : '' };
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
