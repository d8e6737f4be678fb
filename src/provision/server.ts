import type pg from 'pg';
import { withClient } from '../postgres/client.js';
import { type ConnectionConfig, resolveConnection } from '../postgres/config.js';
import { quoteLiteral } from '../sql/quote.js';
import type { Secret } from './secrets/secret.js';
import type { ServerSpec } from './spec/types.js';

/** How to reach a server: as its administrator in any of its databases, or as one of its services. */
export interface Server {
  readonly config: ConnectionConfig;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The server that a specification names. `password` is the secret behind `server.password`; without one PGPASSWORD and the password
 * file count. @throws UserError for a connection that cannot be meant
 */
export function serverOf(
  { connection, maintenanceDatabase }: ServerSpec,
  password: Secret | undefined,
  { env = process.env, signal }: { env?: NodeJS.ProcessEnv; signal?: AbortSignal | undefined } = {},
): Server {
  const given = password === undefined ? connection : { ...connection, password: password.reveal() };
  return { config: resolveConnection({ ...given, dbname: maintenanceDatabase }, env), signal };
}

/** Lends the administrator's connection to a database, the maintenance database when none is named. */
export function asAdministrator<T>(
  { config, signal }: Server,
  use: (client: pg.Client) => Promise<T>,
  database: string = config.database,
): Promise<T> {
  return withClient(inDatabase(config, database), use, { signal, applicationName });
}

/** The administrator's way into a database, for those who connect themselves. */
export function administratorConfig({ config }: Server, database: string): ConnectionConfig {
  return inDatabase(config, database);
}

/** Name under which we show in pg_stat_activity. */
export const applicationName = 'slipway provision';

/** The same server, entered as somebody else; nothing of the administrator's identity (password, client certificate) goes along. */
export function asService({ config }: Server, user: string, password: string, database: string): ConnectionConfig {
  const { sslcert: _, sslkey: __, sslpassword: ___, options: ____, ...conninfo } = config.conninfo;
  const hosts = config.hosts.map((host) => ({ ...host, password }));
  return { ...inDatabase({ ...config, hosts }, database), user, conninfo: { ...conninfo, user, dbname: database } };
}

function inDatabase(config: ConnectionConfig, database: string): ConnectionConfig {
  return { ...config, database, conninfo: { ...config.conninfo, dbname: database } };
}

/**
 * What our sessions do not take from the environment: names in catalog functions are written with their schemas, times are in UTC, and
 * no setting of a database or role can make a statement of ours fail or wait for ever.
 */
export const sessionSettings = [
  'SET search_path = pg_catalog',
  "SET TimeZone = 'UTC'",
  "SET DateStyle = 'ISO'",
  'SET default_transaction_read_only = off',
  'SET statement_timeout = 0',
  'SET idle_session_timeout = 0',
  'SET client_min_messages = notice',
].join('; ');

/** An SQL array of names. */
export function nameArray(names: Iterable<string>): string {
  return `ARRAY[${[...names].map(quoteLiteral).join(', ')}]::pg_catalog.name[]`;
}

/** Sends several queries, each of one JSON value, in one round trip and answers their values. */
export async function jsonValues(client: pg.Client, queries: readonly string[]): Promise<readonly unknown[]> {
  const answer = (await client.query(queries.join(';\n'))) as unknown as pg.QueryResult | pg.QueryResult[];
  const results = Array.isArray(answer) ? answer : [answer];
  return results.filter(({ fields }) => fields.length > 0).map(({ rows }) => Object.values(rows[0] ?? {})[0]);
}
