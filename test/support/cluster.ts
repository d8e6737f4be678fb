import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Cluster } from '../../src/cluster/cluster.js';
import { serverProcesses } from '../../src/cluster/server.js';
import { stopCluster } from '../../src/cluster/stop.js';
import { withTemporaryCluster } from '../../src/cluster/temporary.js';
import { clusterUrl } from '../../src/cluster/url.js';

/** The directory of the executables. */
export const bin = fileURLToPath(new URL('../../../bin', import.meta.url));

/** Lends a fresh cluster. */
export function withCluster<T>(use: (cluster: Cluster) => Promise<T>, env: NodeJS.ProcessEnv = {}): Promise<T> {
  return withTemporaryCluster({ env: { ...testEnvironment(), ...env } }, use);
}

/** Our environment without the variables that say where the developer's own cluster lives. */
export function testEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(PG(?!_BIN_DIR|_OS_USER)|POSTGRESQL_|DB_URL|LOCAL_DIR)/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), PG_SHARED_PRELOAD_LIBRARIES: '' };
}

/** Lends an empty directory that any account can reach; its path has no symbolic links in it. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'slipway-test-')));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Lends a path for PG_WORKING_DIR; afterwards nothing may run there. */
export function withWorkingDir<T>(use: (workingDir: string) => Promise<T>, name = 'cluster'): Promise<T> {
  return withDirectory(async (directory) => {
    const workingDir = join(directory, name);
    try {
      return await use(workingDir);
    } finally {
      await stopCluster(workingDir);
      assert.deepEqual(await serverProcesses(join(workingDir, 'data')), []);
    }
  });
}

/** The URL of a running cluster, wherever its socket had to go: `sock` may be a link to a shorter path. */
export async function urlOf(
  workingDir: string,
  { database = 'testdb', port = 5432 }: { database?: string; port?: number } = {},
): Promise<string> {
  const host = await realpath(join(workingDir, 'sock'));
  return clusterUrl({ host, port, user: userInfo().username, database });
}

/** How a command ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Called with the process's number once it runs. */
  readonly onStart?: (pid: number) => void;
}

/** Runs a program to its end; its output must end as well, so a server that keeps it open would show. */
export function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { env = {}, cwd, onStart } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...testEnvironment(), ...env },
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    child.on('error', reject).on('close', (status, signal) => resolve({ status, signal, ...output }));
    if (child.pid !== undefined) onStart?.(child.pid);
  });
}

/** Runs `postgres-init` on a directory. */
export function postgresInit(
  workingDir: string,
  env: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
): Promise<Ended> {
  return runProgram(join(bin, 'postgres-init'), args, { env: { PG_WORKING_DIR: workingDir, ...env } });
}

/** Runs `postgres-init`, which must succeed, and returns the URL that it prints. */
export async function startedUrl(
  workingDir: string,
  env: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
): Promise<string> {
  const ended = await postgresInit(workingDir, env, args);
  assert.equal(ended.status, 0, ended.stderr);
  return ended.stdout.trim();
}

/** The first column of the first row. */
export async function query(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}
