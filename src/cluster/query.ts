import pg from 'pg';
import { codeOf } from '../errors.js';
import { quoteIdentifier } from '../sql/quote.js';
import type { Address } from './url.js';

/** SQLSTATEs that are part of the plan (PostgreSQL, appendix A). */
const undefinedDatabase = '3D000';
const duplicateDatabase = '42P04';
const duplicateObject = '42710';
const uniqueViolation = '23505';

/** What a cluster must have. */
export interface Wanted {
  readonly user: string;
  readonly database: string;
}

/**
 * Makes sure that the databases and their login roles exist, and that the server answers a query in the first of them. The roles
 * are superusers: this is a development cluster that only its user can reach.
 */
export async function ensureDatabases(address: Address, all: readonly Wanted[]): Promise<void> {
  await withMaintenance(address, async (client) => {
    for (const { user, database } of all) {
      if (user !== address.user) await ensureRole(client, user);
      await ensureDatabase(client, database, user);
    }
  });
  await withClient(address, (client) => client.query('SELECT 1'));
}

async function ensureRole(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  if (rowCount === 0) await tolerate(client.query(`CREATE ROLE ${quoteIdentifier(name)} SUPERUSER LOGIN`));
}

async function ensureDatabase(client: pg.Client, name: string, owner: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (rowCount === 0) await tolerate(client.query(createDatabase(name, owner, await versionOf(client))));
}

/** Copying files is several times faster than writing a new database to the log; version 14 knows no other way. */
function createDatabase(name: string, owner: string, version: number): string {
  const strategy = version >= 150000 ? ' STRATEGY file_copy' : '';
  return `CREATE DATABASE ${quoteIdentifier(name)} OWNER ${quoteIdentifier(owner)}${strategy}`;
}

async function versionOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  return rows[0]?.version ?? 0;
}

/** Somebody else may make the same thing at the same moment. */
async function tolerate(query: Promise<unknown>): Promise<void> {
  await query.catch((error: unknown) => {
    if (![duplicateDatabase, duplicateObject, uniqueViolation].includes(codeOf(error) ?? '')) throw error;
  });
}

/** `postgres` may have been dropped; `template1` cannot be. */
async function withMaintenance<T>(address: Address, use: (client: pg.Client) => Promise<T>): Promise<T> {
  try {
    return await withClient({ ...address, database: 'postgres' }, use);
  } catch (error) {
    if (codeOf(error) !== undefinedDatabase) throw error;
    return await withClient({ ...address, database: 'template1' }, use);
  }
}

async function withClient<T>(
  { host, port, user, database }: Address,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ host, port, user, database, ssl: false, application_name: 'slipway' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
