/**
 * 200 small migrations in one run, and a run with nothing to do: `migrator` against dbmate, node-pg-migrate and `psql -f`, in turn, on
 * one server over one socket, each run on a database of its own.
 * Usage: node dist/bench/migrate.js [ROUNDS]
 * The rivals take part when they are there: npm install --no-save dbmate node-pg-migrate
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';
import type { Cluster } from '../src/cluster/cluster.js';
import { withTemporaryCluster } from '../src/cluster/temporary.js';
import { withClient } from '../src/postgres/client.js';
import { type Contestant, compare } from './measure.js';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const bin = join(import.meta.dirname, '..', '..', 'bin');
const rounds = Number(process.argv[2] ?? 7);
const directory = await mkdtemp(join(tmpdir(), 'slipway-bench-'));

/** A program and its arguments, and what it needs of the environment. */
interface Command {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const changes = Array.from({ length: 200 }, (_, n) =>
  n % 2 === 0
    ? `CREATE TABLE t${n} (id int PRIMARY KEY, name text NOT NULL);\nCREATE INDEX t${n}_name ON t${n} (name);\n`
    : `ALTER TABLE t${n - 1} ADD COLUMN at timestamptz NOT NULL DEFAULT now();\nINSERT INTO t${n - 1} VALUES (1, 'one');\n`,
);

/** `-- migrate:up` is dbmate's format and ours; the other two get the same statements in their own. */
function writeMigrations(): void {
  for (const name of ['flat', 'marked']) mkdirSync(join(directory, name));
  for (const [n, sql] of changes.entries()) {
    const stamp = 20_240_101_000_000 + n;
    writeFileSync(join(directory, 'flat', `${stamp}-step-${n}.sql`), `-- migrate:up\n${sql}\n-- migrate:down\n`);
    writeFileSync(join(directory, 'marked', `${1_700_000_000_000 + n}_step-${n}.sql`), `-- Up Migration\n${sql}`);
  }
  const one = changes.map((sql) => `BEGIN;\n${sql}COMMIT;\n`).join('');
  writeFileSync(join(directory, 'all.sql'), one);
}

/** The path of a file in an installed package; undefined when it is not there. */
function installed(path: string): string | undefined {
  try {
    return require.resolve(path);
  } catch {
    return undefined;
  }
}

function commands({ host, port, user, url }: Cluster): readonly Command[] {
  const dbmate = installed(`@dbmate/${process.platform}-${process.arch}/bin/dbmate`);
  const nodePgMigrate = installed('node-pg-migrate/bin/node-pg-migrate.js');
  const socket = `postgres://${user}@:${port}/bench?socket=${host}&sslmode=disable`;
  const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGDATABASE: 'bench' };
  const marked = ['up', '-m', join(directory, 'marked'), '--log-level=error'];
  return [
    ...(dbmate === undefined
      ? []
      : [
          {
            name: 'dbmate',
            program: dbmate,
            args: ['-u', socket, '-d', join(directory, 'flat'), '--no-dump-schema', 'migrate'],
          },
        ]),
    ...(nodePgMigrate === undefined
      ? []
      : [
          {
            name: 'node-pg-migrate',
            program: process.execPath,
            args: [nodePgMigrate, ...marked],
            env: { DATABASE_URL: databaseUrl(url) },
          },
        ]),
    { name: 'psql -f', program: 'psql', args: ['-Xq', '-v', 'ON_ERROR_STOP=1', '-f', join(directory, 'all.sql')], env },
    {
      name: 'migrator',
      program: join(bin, 'migrator'),
      args: ['-u', databaseUrl(url), '-d', join(directory, 'flat'), 'migrate', 'up'],
    },
  ];
}

function databaseUrl(url: string): string {
  return url.replace(/(?<=@[^/]*\/)[^?]*/, 'bench');
}

function contestant(admin: pg.Client, { name, program, args, env }: Command): Contestant {
  return {
    name,
    before: async () => {
      await admin.query('DROP DATABASE IF EXISTS bench WITH (FORCE)');
      await admin.query('CREATE DATABASE bench');
      await admin.query("ALTER DATABASE bench SET hectic.inheritance_extra_excluded_schemas = 'public'");
    },
    run: () => run(program, args, { env: { ...process.env, ...env }, maxBuffer: 1 << 26 }),
  };
}

async function measure(admin: pg.Client, all: readonly Command[]): Promise<void> {
  if (all.length < 4) process.stderr.write('not all rivals are here: npm install --no-save dbmate node-pg-migrate\n');
  const contestants = all.map((command) => contestant(admin, command));
  await compare('200 small migrations in one run', contestants, rounds);
  const migrator = contestants.at(-1);
  if (migrator !== undefined) await measureNothingToDo(admin, migrator);
}

/** The migrator was the last contestant, so that its migrations are applied. */
async function measureNothingToDo(admin: pg.Client, { name, run: migrate }: Contestant): Promise<void> {
  const help = async () => {
    await run(join(bin, 'database'), ['--help']);
    await admin.query('SELECT 1');
  };
  const contestants = [
    { name: 'database --help and one round trip', run: help },
    { name, run: migrate },
  ];
  await compare('a run with nothing to do', contestants, 3 * rounds);
}

writeMigrations();
try {
  await withTemporaryCluster({ env: { ...process.env, PG_SHARED_PRELOAD_LIBRARIES: '' } }, (cluster) =>
    withClient(cluster.url, (admin) => measure(admin, commands(cluster))),
  );
} finally {
  await rm(directory, { recursive: true, force: true });
}
