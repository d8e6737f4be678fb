import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type pg from 'pg';
import { migrator } from '../../src/cli/migrator.js';
import { surroundingsError } from '../../src/cli/surroundings.js';
import { clusterUrl } from '../../src/cluster/url.js';
import { UserError } from '../../src/errors.js';
import { startServer, type TestDatabase, type TestServer } from '../hectic/server.js';
import { type Ended, type Running, start } from '../support/cli.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A migration directory, and a database of its own that holds the hectic bundle. */
export interface Workbench {
  /** The directory around `migration`. */
  readonly root: string;
  readonly url: string;
  readonly database: TestDatabase;
  readonly client: pg.Client;
  /** Writes files, paths relative to the migration directory. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  remove(path: string): Promise<void>;
  /** What the executable does, in this process. */
  migrator(argv: readonly string[], env?: Environment): Promise<Ended>;
  start(argv: readonly string[], env?: Environment): Running;
  /** Names in the history, in order. */
  applied(): Promise<string[]>;
  /** Values of the first column. */
  values(sql: string): Promise<unknown[]>;
}

export interface Bench {
  readonly server: TestServer;
  with(
    files: Readonly<Record<string, string>>,
    use: (bench: Workbench) => Promise<void>,
    options?: { empty?: boolean },
  ): Promise<void>;
}

/** Starts the server of a test file. */
export async function startBench(options: { binDir?: string } = {}): Promise<Bench> {
  const server = await startServer(options);
  return {
    server,
    with: (files, use, choice = {}) =>
      server.withDatabase(async (database) => {
        const root = await mkdtemp(join(tmpdir(), 'slipway-migrate-'));
        try {
          const bench = open(root, server, database);
          await bench.write(files);
          await use(bench);
        } finally {
          await rm(root, { recursive: true, force: true });
        }
      }, choice),
  };
}

function open(root: string, { host, port, user }: TestServer, database: TestDatabase): Workbench {
  const url = clusterUrl({ host, port, user, database: database.name });
  const environment = { DB_URL: url, MIGRATION_DIR: join(root, 'migration') };
  const values = async (sql: string) => {
    const { rows } = await database.client.query({ text: sql, rowMode: 'array' });
    return rows.map(([value]) => value);
  };
  return {
    root,
    url,
    database,
    client: database.client,
    write: async (files) => {
      await mkdir(join(root, 'migration'), { recursive: true });
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, 'migration', path)), { recursive: true });
        await writeFile(join(root, 'migration', path), text);
      }
    },
    remove: (path) => rm(join(root, 'migration', path), { recursive: true }),
    migrator: (argv, env = {}) => inProcess(argv, { ...environment, ...env }),
    start: (argv, env = {}) => start('migrator', argv, { ...environment, ...env }),
    applied: async () => (await values('SELECT name FROM hectic.migration ORDER BY id')).map(String),
    values,
  };
}

/** What the executable does, without starting a process for it. */
async function inProcess(argv: readonly string[], env: Environment): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = Promise.all([text(stdout), text(stderr)]);
  const { signal } = new AbortController();
  const status = await migrator({ argv, env, stdout, stderr, signal }).catch((thrown: unknown) => {
    const error = surroundingsError(thrown) ?? thrown;
    if (!(error instanceof UserError)) throw error;
    const hints = error.hint?.split('\n').map((line) => `hint: ${line}\n`) ?? [];
    stderr.write(`error: ${error.message}\n${hints.join('')}`);
    return error.exitCode;
  });
  stdout.end();
  stderr.end();
  const [out, err] = await texts;
  return { status, stdout: out, stderr: err };
}

/** A flat migration. */
export function flat(up: string, down = 'SELECT 1;'): string {
  return `-- migrate:up\n${up}\n-- migrate:down\n${down}\n`;
}

/** Fails with what the command wrote when its status is another one. */
export function assertStatus({ status, stdout, stderr }: Ended, expected: number): void {
  assert.equal(status, expected, `${stdout}${stderr}`);
}
