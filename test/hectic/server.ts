import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import pg from 'pg';
import type { Cluster } from '../../src/cluster/cluster.js';
import { applyBundle } from '../../src/hectic/apply.js';
import { quoteIdentifier } from '../../src/sql/quote.js';
import { withCluster } from '../support/cluster.js';

/** A cluster for the tests of one file, with a template database that holds the bundle; removed when they have ended. */
export interface TestServer extends Cluster {
  /** Lends a database of its own, with the bundle unless `empty`, and drops it afterwards. */
  withDatabase(use: (database: TestDatabase) => Promise<void>, options?: { empty?: boolean }): Promise<void>;
}

export interface TestDatabase {
  readonly name: string;
  readonly client: pg.Client;
  /** Another session on the same database, as any role, closed with the database. */
  connect(options?: { user?: string; options?: string }): Promise<pg.Client>;
}

/** Starts a cluster with the programs of `binDir`, else with those that the environment chooses. */
export async function startServer({ binDir }: { binDir?: string } = {}): Promise<TestServer> {
  const cluster = await borrowCluster(binDir === undefined ? {} : { PG_BIN_DIR: binDir });
  await onDatabase(cluster, 'postgres', (client) => client.query('CREATE DATABASE bundle'));
  await onDatabase(cluster, 'bundle', applyBundle);
  let count = 0;
  return {
    ...cluster,
    async withDatabase(use, { empty = false } = {}) {
      count += 1;
      const name = `case ${count}`;
      const template = empty ? 'template0' : 'bundle';
      const administer = (sql: string) => onDatabase(cluster, 'postgres', (client) => client.query(sql));
      await administer(`CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${template}`);
      await withSessions(cluster, name, use);
      await administer(`DROP DATABASE ${quoteIdentifier(name)}`);
    },
  };
}

/** Holds a lent cluster until the tests of the file have ended. */
function borrowCluster(env: NodeJS.ProcessEnv): Promise<Cluster> {
  return new Promise((lend, fail) => {
    const returned = withCluster((cluster) => {
      lend(cluster);
      return new Promise<void>((end) => {
        after(() => {
          end();
          return returned;
        });
      });
    }, env);
    returned.catch(fail);
  });
}

async function withSessions(
  { host, port, user }: Cluster,
  database: string,
  use: (database: TestDatabase) => Promise<void>,
): Promise<void> {
  const clients: pg.Client[] = [];
  const connect = async (options = {}) => {
    const client = new pg.Client({ host, port, user, database, ...options });
    clients.push(client);
    await client.connect();
    return client;
  };
  try {
    await use({ name: database, client: await connect(), connect });
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

function onDatabase<T>(
  { host, port, user }: Cluster,
  database: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ host, port, user, database });
  return client
    .connect()
    .then(() => use(client))
    .finally(() => client.end());
}

export async function majorVersion(client: pg.Client): Promise<number> {
  const { rows } = await client.query("SELECT current_setting('server_version_num')::int / 10000 AS major");
  return rows[0].major;
}

/** Programs of an installation whose server, pg_dump and psql are of one version, as on Debian. */
export function systemBinDir(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const dirs = readdirSync(root).map((version) => join(root, version, 'bin'));
  return dirs.findLast((dir) => ['postgres', 'pg_dump', 'psql'].every((program) => existsSync(join(dir, program))));
}
