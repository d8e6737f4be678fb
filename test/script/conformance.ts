import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type pg from 'pg';
import { sql } from '../../src/cli/sql.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import { withClient } from '../../src/postgres/client.js';
import type { Conninfo } from '../../src/postgres/keywords.js';

/** A script, or a whole command line, that psql and ours are to treat alike. */
export interface Case {
  /** Run as `-f s.sql` unless `args` say otherwise. */
  readonly script?: string | Buffer;
  /** Further files by their relative names. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** Arguments behind `-X`; with them, `-f s.sql` has to be said. */
  readonly args?: readonly string[];
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What can be seen of a run from outside. */
export interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
  /** Every table of the public schema with its rows, as text. */
  readonly state: readonly string[];
}

/** Runs cases with psql and with ours, each time in the database `conformance`, which is emptied before. */
export class Judge {
  readonly #cluster: Cluster;
  readonly #env: NodeJS.ProcessEnv;

  constructor({ host, port, user, ...cluster }: Cluster) {
    this.#cluster = { host, port, user, ...cluster };
    this.#env = {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      LC_ALL: 'C.UTF-8',
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGDATABASE: 'conformance',
    };
  }

  /** Makes the database, or makes it anew. */
  async prepare(): Promise<void> {
    await withClient(this.#cluster.url, async (client) => {
      await client.query('DROP DATABASE IF EXISTS conformance');
      await client.query('CREATE DATABASE conformance');
    });
  }

  /** How to reach the database. */
  get connection(): Conninfo {
    const { host, port, user } = this.#cluster;
    return { host, port: String(port), user, dbname: 'conformance' };
  }

  /** What psql does, in the words that ours should use: `psql` at the head of a message is ours there. */
  psql(given: Case): Promise<Seen> {
    return this.#run(given, async (args, env, cwd, input) => {
      const { stdout, stderr, status } = await runPsql(args, env, cwd, input);
      return { stdout, stderr: stderr.replace(/^psql(?=:)/gm, 'slipway'), status };
    });
  }

  ours(given: Case): Promise<Seen> {
    return this.#run(given, runOurs);
  }

  async #run(given: Case, run: Runner): Promise<Seen> {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'slipway-conformance-')));
    try {
      await writeFiles(directory, { ...(given.script === undefined ? {} : { 's.sql': given.script }), ...given.files });
      await this.#inDatabase((client) => client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));
      const args = ['-X', ...(given.args ?? ['-f', 's.sql'])];
      const seen = await run(args, { ...this.#env, ...given.env }, directory, given.input ?? '');
      const state = await this.#inDatabase(stateOf);
      return { ...seen, stdout: steady(seen.stdout, directory), stderr: steady(seen.stderr, directory), state };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  #inDatabase<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
    return withClient(this.connection, use, { env: {} });
  }
}

type Runner = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
  input: string,
) => Promise<Omit<Seen, 'state'>>;

/** Undefined when there is no psql to judge. */
export async function psqlVersion(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('psql', ['--version'], (error, stdout) => resolve(error === null ? stdout.trim() : undefined));
  });
}

async function runPsql(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string, input: string) {
  const child = spawn('psql', args, { env, cwd });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const status = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, status: await status };
}

/** Runs `slipway sql` inside this process. */
export const runOurs: Runner = async (argv, env, cwd, input) => {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const texts = Promise.all([text(stdout), text(stderr)]);
  const { signal } = new AbortController();
  const status = await sql({ argv, env, stdout, stderr, signal }, { input: Readable.from([Buffer.from(input)]), cwd });
  stdout.end();
  stderr.end();
  const [out, err] = await texts;
  return { stdout: out, stderr: err, status };
};

async function writeFiles(directory: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
}

async function stateOf(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    "SELECT format('%I', relname) AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p') ORDER BY 1",
  );
  const states: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query(`SELECT t::text AS row FROM ${name} t ORDER BY 1`);
    states.push(`${name}: ${rows.map(({ row }) => row).join(' ')}`);
  }
  return states;
}

/** Process numbers, times and directories differ between any two runs, and versions between any two programs. */
function steady(output: string, directory: string): string {
  return output
    .replaceAll(directory, '<directory>')
    .replace(/\bPID \d+/g, 'PID <n>')
    .replace(/^(lo_\w+) \d+$/gm, '$1 <n>')
    .replace(/^VERSION.*\n/gm, '')
    .replace(/(?<=\(c\) 1996-)\d{4}/, '<year>')
    .replace(/^Time: \d+[.,]\d+ ms.*$/gm, 'Time: <n> ms');
}
