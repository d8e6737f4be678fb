import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { codeOf } from '../errors.js';
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js';
import { copyDatabase, databaseSettings, dropDatabase } from './database-copy.js';
import type { HydrateOptions } from './hydrate.js';
import { type Target, withMaintenance } from './target.js';

/**
 * What was deployed to a database, so that the tests can deploy it again elsewhere. It stands in the database's own setting
 * `slipway.deployed`, which no dump of the database holds.
 */
export interface Deployment {
  readonly hydrated?: HydrateOptions;
  readonly patched?: boolean;
}

/** The database that keeps a copy of the deployed state for the tests to clone. */
export function snapshotName(database: string): string {
  return `slipway_snapshot_${createHash('sha256').update(database).digest('hex').slice(0, 16)}`;
}

/**
 * Runs a deployment, or a part of one, then notes what was deployed and keeps a snapshot of the result. Only databases in
 * the project's own cluster get one; elsewhere nothing is left behind.
 */
export async function recordDeployment(target: Target, part: Deployment, work: () => Promise<void>): Promise<void> {
  if (target.cluster === undefined) return work();
  const before = await withMaintenance(target, async (client) => {
    await dropDatabase(client, snapshotName(target.database));
    return readDeployment(client, target.database);
  });
  await work();
  await withMaintenance(target, async (client) => {
    const setting = quoteLiteral(JSON.stringify({ ...before, ...part }));
    await client.query(`ALTER DATABASE ${quoteIdentifier(target.database)} SET slipway.deployed = ${setting}`);
    await takeSnapshot(client, target.database);
  });
}

/** What `recordDeployment` noted; empty when nothing was deployed by this tool. */
export async function readDeployment(client: ClientBase, database: string): Promise<Deployment> {
  const settings = await databaseSettings(client, database);
  const deployed = settings.find(({ name }) => name === 'slipway.deployed');
  return deployed === undefined ? {} : (JSON.parse(deployed.value) as Deployment);
}

/**
 * Copies a database to its snapshot, unless there is one. False when somebody is connected to the database: PostgreSQL
 * copies only databases that nobody uses.
 */
export async function takeSnapshot(client: ClientBase, database: string): Promise<boolean> {
  try {
    await publishSnapshot(client, database, (snapshot) => copyDatabase(client, database, snapshot));
    return true;
  } catch (error) {
    if (codeOf(error) === '55006') return false;
    throw error;
  }
}

/**
 * Makes a database's snapshot under a passing name with `make`, then gives it its name, so that one half made is never
 * taken for a whole one. Of two that are made at once the first one stays.
 */
export async function publishSnapshot(
  client: ClientBase,
  database: string,
  make: (name: string) => Promise<void>,
): Promise<void> {
  const draft = `slipway_draft_${process.pid}`;
  await dropDatabase(client, draft);
  try {
    await make(draft);
    await client.query(`ALTER DATABASE ${quoteIdentifier(draft)} WITH ALLOW_CONNECTIONS false`);
    await client.query(`ALTER DATABASE ${quoteIdentifier(draft)} RENAME TO ${quoteIdentifier(snapshotName(database))}`);
  } catch (error) {
    await dropDatabase(client, draft);
    if (codeOf(error) !== '42P04') throw error;
  }
}

export async function hasSnapshot(client: ClientBase, database: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [snapshotName(database)]);
  return rowCount === 1;
}
