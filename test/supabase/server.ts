import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../src/cluster/cluster.js';
import { withClient } from '../../src/postgres/client.js';
import { resolveConnection } from '../../src/postgres/config.js';
import type { Conninfo } from '../../src/postgres/keywords.js';
import { quoteIdentifier, quoteLiteral } from '../../src/sql/quote.js';
import { readFacts } from '../../src/supabase/catalog.js';
import { extraScripts } from '../../src/supabase/extra.js';
import { supabaseScripts } from '../../src/supabase/files.js';
import { type InitReport, initSupabase } from '../../src/supabase/init.js';
import { readSettings, type SettingFlags } from '../../src/supabase/settings.js';
import { supabaseStatus } from '../../src/supabase/status.js';
import { type Ended, run } from '../support/cli.js';
import { withCluster, withDirectory } from '../support/cluster.js';

/** A cluster for initialisations, and short ways to ask it things as its first superuser. */
export interface Server {
  readonly cluster: Cluster;
  connection(given?: Conninfo): Conninfo;
  /** Runs SQL; answers the rows of its last statement, without column names. */
  sql(text: string, database?: string): Promise<readonly (readonly unknown[])[]>;
  makeDatabase(name: string): Promise<void>;
  /** Everything that sql/supabase/catalog.sql knows of a database, and of the shared one. */
  facts(database: string): Promise<string[]>;
  /** `slipway supabase COMMAND` on a database. */
  slipway(words: readonly string[], given?: Conninfo, env?: Readonly<Record<string, string>>): Promise<Ended>;
}

export function withServer<T>(use: (server: Server) => Promise<T>, env: NodeJS.ProcessEnv = {}): Promise<T> {
  return withCluster((cluster) => use(serverOf(cluster)), env);
}

function serverOf(cluster: Cluster): Server {
  const { host, port, user } = cluster;
  const connection = (given: Conninfo = {}) => ({ host, port: String(port), user, dbname: 'postgres', ...given });
  const sql = (text: string, database = 'postgres') =>
    withClient(connection({ dbname: database }), async (client) => {
      const answer: unknown = await client.query({ text, rowMode: 'array' });
      const last = Array.isArray(answer) ? answer.at(-1) : answer;
      return last.rows as unknown[][];
    });
  const factsOf = (dbname: string) => withClient(connection({ dbname }), readFacts);
  return {
    cluster,
    connection,
    sql,
    makeDatabase: async (name) => void (await sql(`CREATE DATABASE ${quoteIdentifier(name)}`)),
    async facts(database) {
      const isShared = (await sql("SELECT FROM pg_database WHERE datname = '_supabase'")).length > 0;
      const shared = isShared ? [...(await factsOf('_supabase'))].filter((fact) => fact.startsWith('schema ')) : [];
      return [...(await factsOf(database)), ...shared.map((fact) => `_supabase: ${fact}`)];
    },
    slipway: ([command = '', ...words], given = {}, env = {}) =>
      run('slipway', ['supabase', command, conninfoText(connection(given)), ...words], { JWT_EXP: '3600', ...env }),
  };
}

/** Keywords as psql and we take them; every value quoted. */
export function conninfoText(conninfo: Conninfo): string {
  return Object.entries(conninfo)
    .map(([keyword, value]) => `${keyword}='${value.replaceAll(/[\\']/g, '\\$&')}'`)
    .join(' ');
}

interface Told {
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: SettingFlags & { readonly extra?: string; readonly dryRun?: boolean };
}

/** What `slipway supabase init` does, without a process of its own. */
export async function init(
  server: Server,
  given: Conninfo,
  { env = { POSTGRES_PASSWORD: 'secret' }, flags = {} }: Told = {},
): Promise<InitReport> {
  const { extra, dryRun } = flags;
  return initSupabase({
    config: resolveConnection(server.connection(given), {}),
    settings: readSettings(flags, { JWT_EXP: '3600', ...env }),
    scripts: [...supabaseScripts(), ...(extra === undefined ? [] : await extraScripts(extra))],
    version: '0.1.0',
    env: { PATH: process.env.PATH },
    signal: new AbortController().signal,
    dryRun,
  });
}

/** What `slipway supabase verify` looks at: what each file should have made and has not. */
export async function absences(
  server: Server,
  given: Conninfo,
  { env = {}, flags = {} }: Told = {},
): Promise<string[]> {
  const config = resolveConnection(server.connection(given), {});
  const { files, isComplete } = await supabaseStatus({
    config,
    settings: readSettings(flags, env),
    scripts: supabaseScripts(),
  });
  return [...(isComplete ? [] : ['not all files']), ...files.flatMap(({ missing }) => missing)];
}

/** Runs `slipway supabase init`, which must succeed. */
export async function initialise(
  server: Server,
  given: Conninfo,
  env: Readonly<Record<string, string>> = { POSTGRES_PASSWORD: 'secret' },
  words: readonly string[] = [],
): Promise<string> {
  const { status, stdout, stderr } = await server.slipway(['init', ...words], given, env);
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

/** What became of each file. */
export function outcomes({ files }: Pick<InitReport, 'files'>): Record<string, string> {
  return Object.fromEntries(files.map(({ file, status, reason }) => [file, reason ? `${status} ${reason}` : status]));
}

/** All lines that a table stands for: `{a,b}` for each of several words. */
export function expand(table: string): string[] {
  const lines = table.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).flatMap(expandLine);
}

function expandLine(line: string): string[] {
  const [all, words] = /\{([^{}]*)\}/.exec(line) ?? [];
  if (all === undefined || words === undefined) return [line];
  return words.split(',').flatMap((word) => expandLine(line.replace(all, () => word)));
}

/**
 * Makes a stand-in for the extension pg_net available to a cluster of PostgreSQL 18, whose extension_control_path takes directories:
 * the same schema, names and arguments, and no requests.
 */
export function withPgNet<T>(server: Server, use: () => Promise<T>): Promise<T> {
  return withDirectory(async (directory) => {
    const extension = join(directory, 'extension');
    await mkdir(extension);
    await writeFile(join(extension, 'pg_net.control'), "default_version = '1'\nrelocatable = false\n");
    await writeFile(join(extension, 'pg_net--1.sql'), pgNet);
    await server.sql(`ALTER SYSTEM SET extension_control_path = ${quoteLiteral(`${directory}:$system`)}`);
    await server.sql('SELECT pg_reload_conf()');
    return await use();
  });
}

const pgNet = `
CREATE SCHEMA net;
CREATE TABLE net.request (id bigserial, method text, url text, body jsonb, params jsonb, headers jsonb, timeout int);
CREATE FUNCTION net.http_get(url text, params jsonb = '{}', headers jsonb = '{}', timeout_milliseconds int = 1000)
RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO net.request (method, url, params, headers, timeout) VALUES ('GET', $1, $2, $3, $4) RETURNING id $$;
CREATE FUNCTION net.http_post(url text, body jsonb = '{}', params jsonb = '{}', headers jsonb = '{}', timeout_milliseconds int = 1000)
RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO net.request (method, url, body, params, headers, timeout) VALUES ('POST', $1, $2, $3, $4, $5) RETURNING id $$;
`;
