import { execFileSync, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../src/cluster/cluster.js';
import { withTemporaryCluster } from '../src/cluster/temporary.js';
import { compare } from './measure.js';

/** `slipway sql` against psql, in turn, on one server over one socket. `--large` also runs a COPY file of 1 GB. */
const slipway = fileURLToPath(new URL('../../bin/slipway', import.meta.url));
const rounds = 9;

const dumpHead = `\\restrict token

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET row_security = off;

DROP SCHEMA IF EXISTS dumped CASCADE;
CREATE SCHEMA dumped;

`;

const directory = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
try {
  await withTemporaryCluster({ env: process.env }, (cluster) => measure(cluster));
} finally {
  await rm(directory, { recursive: true });
}

async function measure(cluster: Cluster): Promise<void> {
  const inserts = Array.from({ length: 10_000 }, (_, n) => `insert into t values (${n}, 'row ${n}');\n`).join('');
  const fresh = 'drop table if exists t; create table t (n int, s text);\n';
  await race(
    cluster,
    '10,000 statements in one transaction',
    write('block.sql', `${fresh}begin;\n${inserts}commit;\n`),
  );
  await race(cluster, '10,000 statements in autocommit, ON_ERROR_STOP', write('autocommit.sql', fresh + inserts));
  await race(cluster, 'a pg_dump file of 10 MB', dumpFile());
  await race(cluster, '50 MB of in-line COPY', await copyFile('copy.sql', 50));
  await race(cluster, '500 files of DDL, --batch', ddlFiles(), ['--batch']);
  if (process.argv.includes('--large')) await measureMemory(cluster, await copyFile('large.sql', 1024));
}

function race(cluster: Cluster, title: string, file: string, flags: readonly string[] = []): Promise<void> {
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file];
  const options = { env: environment(cluster), stdio: ['ignore', 'ignore', 'pipe'] as const };
  return compare(
    title,
    [
      { name: 'psql', run: () => execFileSync('psql', args, { ...options, stdio: [...options.stdio] }) },
      {
        name: 'slipway sql',
        run: () => execFileSync(slipway, ['sql', ...args, ...flags], { ...options, stdio: [...options.stdio] }),
      },
    ],
    rounds,
  );
}

function environment({ host, port, user, database }: Cluster): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    PGOPTIONS: '-c client_min_messages=warning',
  };
}

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** What pg_dump --clean writes for a hundred tables with functions, keys, indexes, comments and a thousand rows each. */
function dumpFile(): string {
  const numbers = Array.from({ length: 100 }, (_, n) => n);
  const tables = numbers.map(
    (n) => `
CREATE FUNCTION dumped.f${n}(a integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$ begin return a + ${n}; end $$;


CREATE TABLE dumped.t${n} (
    id integer NOT NULL,
    name text NOT NULL,
    at timestamp with time zone DEFAULT now()
);


COMMENT ON TABLE dumped.t${n} IS 'table ${n}';

`,
  );
  const rows = Array.from({ length: 1000 }, (_, n) => `${n}\t${'x'.repeat(64)}${n}\t2026-11-21 12:00:00+00\n`).join('');
  const data = numbers.map((n) => `COPY dumped.t${n} (id, name, at) FROM stdin;\n${rows}\\.\n\n\n`);
  const keys = numbers.map(
    (n) => `
ALTER TABLE ONLY dumped.t${n}
    ADD CONSTRAINT t${n}_pkey PRIMARY KEY (id);


CREATE INDEX t${n}_name_idx ON dumped.t${n} USING btree (name);

`,
  );
  return write('dump.sql', [dumpHead, ...tables, ...data, ...keys, '\\unrestrict token\n'].join(''));
}

async function copyFile(name: string, megabytes: number): Promise<string> {
  const path = join(directory, name);
  const stream = createWriteStream(path);
  stream.write('drop table if exists c; create unlogged table c (n int, s text);\ncopy c from stdin;\n');
  const lines = Array.from(
    { length: 10_000 },
    (_, n) => `${n}\t${'some text that makes the line longer '.repeat(2)}${n}\n`,
  ).join('');
  for (let bytes = 0; bytes < megabytes << 20; bytes += lines.length) {
    if (!stream.write(lines)) await new Promise<void>((resolve) => stream.once('drain', () => resolve()));
  }
  stream.end('\\.\n');
  await finished(stream);
  return path;
}

function ddlFiles(): string {
  mkdirSync(join(directory, 'ddl'));
  const names = Array.from({ length: 500 }, (_, n) => {
    write(
      `ddl/${n}.sql`,
      `create table h.t${n} (id int primary key, name text);\ncreate index on h.t${n} (name);\ncomment on table h.t${n} is 'n';\n`,
    );
    return `\\ir ddl/${n}.sql\n`;
  });
  return write('hydrate.sql', `drop schema if exists h cascade;\ncreate schema h;\n${names.join('')}`);
}

/** The highest resident size while a file runs, as GNU time tells it. */
async function measureMemory(cluster: Cluster, file: string): Promise<void> {
  const { stderr } = spawnSync('/usr/bin/time', ['-f', '%M', slipway, 'sql', '-X', '-q', '-f', file], {
    env: environment(cluster),
  });
  const kilobytes = Number(stderr.toString().trim().split('\n').at(-1));
  process.stdout.write(`1 GB of in-line COPY\n  slipway sql, resident at most ${(kilobytes / 1024).toFixed(0)} MB\n`);
}
