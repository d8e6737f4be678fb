import type { Client } from 'pg';
import type { Cluster } from '../../cluster/cluster.js';
import { withClient } from '../../postgres/client.js';
import { resolveConnection } from '../../postgres/config.js';
import { quoteIdentifier, quoteLiteral } from '../../sql/quote.js';

/** What was put right in the databases of a copy, for whoever wants to know. */
export interface Changes {
  /** Databases whose indexes were made again, because their collations sort otherwise on this system. */
  readonly reindexed: readonly string[];
  /** Subscriptions that were switched off. */
  readonly subscriptions: readonly string[];
}

/** Puts every database of a running copy right for this system. */
export async function settleDatabases(cluster: Cluster, env: NodeJS.ProcessEnv): Promise<Changes> {
  const names = await inDatabase(cluster, env, 'template1', async (client) => {
    const { rows } = await client.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE datallowconn');
    return rows.map(({ name }) => name);
  });
  const reindexed: string[] = [];
  const subscriptions: string[] = [];
  for (const name of names) {
    await inDatabase(cluster, env, name, async (client) => {
      if (await refreshCollations(client, name)) reindexed.push(name);
      subscriptions.push(...(await disableSubscriptions(client)));
    });
  }
  return { reindexed, subscriptions };
}

/**
 * Another version of a collation may sort otherwise, and an index made with the old one then misses rows: indexes are made again before the
 * version is noted as the current one (documentation, ALTER COLLATION). @returns whether there was anything to do.
 */
async function refreshCollations(client: Client, database: string): Promise<boolean> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT quote_ident(nspname) || '.' || quote_ident(collname) AS name
       FROM pg_collation JOIN pg_namespace n ON n.oid = collnamespace
      WHERE collversion <> pg_collation_actual_version(pg_collation.oid)
        AND collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))`,
  );
  const isStale = await hasStaleDefault(client);
  if (rows.length === 0 && !isStale) return false;
  await client.query(`REINDEX DATABASE ${quoteIdentifier(database)}`);
  for (const { name } of rows) await client.query(`ALTER COLLATION ${name} REFRESH VERSION`);
  if (isStale) await client.query(`ALTER DATABASE ${quoteIdentifier(database)} REFRESH COLLATION VERSION`);
  return true;
}

/** Databases have a version of their own collation since version 15. */
async function hasStaleDefault(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  if ((rows[0]?.version ?? 0) < 150000) return false;
  const stale = await client.query(
    'SELECT FROM pg_database WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid)',
  );
  return stale.rowCount === 1;
}

/** A subscription keeps its tables; it only forgets the slot on the publisher, which the production server goes on using. */
async function disableSubscriptions(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT subname AS name FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE datname = current_database()`,
  );
  for (const { name } of rows) {
    await client.query(`ALTER SUBSCRIPTION ${quoteIdentifier(name)} DISABLE`);
    await client.query(`ALTER SUBSCRIPTION ${quoteIdentifier(name)} SET (slot_name = NONE)`);
  }
  return rows.map(({ name }) => name);
}

/** Statements for single-user mode that let a role in, whatever roles there are. The first fails when the role is there. */
export function admittingRole(role: string): readonly string[] {
  return [`CREATE ROLE ${quoteIdentifier(role)}`, `ALTER ROLE ${quoteIdentifier(role)} SUPERUSER LOGIN`];
}

/** Lets the calling user work here as a superuser, and another role log in. */
export async function admitRoles(client: Client, user: string, role: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [user]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${quoteIdentifier(user)}`);
  await client.query(`ALTER ROLE ${quoteIdentifier(user)} SUPERUSER LOGIN`);
  await client.query(`ALTER ROLE ${quoteIdentifier(role)} LOGIN`);
}

/** CREATE DATABASE refuses a template with a stale version, and catalogs themselves do not depend on it. */
export function refreshingTemplates(major: number): readonly string[] {
  if (major < 15) return [];
  const stale = 'datcollversion <> pg_database_collation_actual_version(oid)';
  return ['template0', 'template1'].map(
    (name) =>
      `DO $$ BEGIN IF EXISTS (SELECT FROM pg_database WHERE datname = ${quoteLiteral(name)} AND ${stale}) THEN
         ALTER DATABASE ${name} REFRESH COLLATION VERSION; END IF; END $$`,
  );
}

export function inDatabase<T>(
  { url }: Pick<Cluster, 'url'>,
  env: NodeJS.ProcessEnv,
  database: string,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const { conninfo } = resolveConnection(url, env);
  return withClient({ ...conninfo, dbname: database }, use, { env });
}
