import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../src/cluster/cluster.js';
import { withClient } from '../../src/postgres/client.js';
import { quoteIdentifier } from '../../src/sql/quote.js';
import { supabaseFileNames } from '../../src/supabase/files.js';
import type { JobOptions } from '../../src/supabase/manifests/job.js';
import { initManifests } from '../../src/supabase/manifests/manifests.js';
import { podScripts, type Texts } from '../../src/supabase/manifests/scripts.js';
import { withCluster, withDirectory } from '../support/cluster.js';
import { type EndedPod, type RunningPod, type Secrets, type Shell, startPod } from './pod.js';

/** Each character of it has a meaning in a URI, in a shell, in SQL or in psql. */
export const hostilePassword = `p@ss/w:rd %41'"\\ $HOME \`id\` \${x} #?&=ü;--`;
export const administrator = 'db-admin';
export const jwtSecret = 'jwt-secret-that-nobody-may-see';

/** A server that asks the administrator, and the services, for their passwords. */
export interface Place {
  readonly cluster: Cluster;
  readonly shell: Shell;
  /** Runs SQL as the cluster's owner and gives the rows. */
  query(database: string, sql: string): Promise<Record<string, unknown>[]>;
  createDatabase(name: string): Promise<void>;
  /** Starts the Job of a project whose Secret has these values. */
  start(database: string, options?: RunOptions): Promise<RunningPod>;
  run(database: string, options?: RunOptions): Promise<EndedPod>;
}

export interface RunOptions extends Pick<JobOptions, 'storesJwtSecret'> {
  readonly secret?: Readonly<Record<string, string>>;
  readonly extra?: Texts;
  /** Other texts for some of the seven. */
  readonly changed?: Texts;
  readonly env?: Readonly<Record<string, string>>;
}

/** Lends a fresh server of an installation (PG_BIN_DIR). */
export function withPlace<T>(
  binDir: string | undefined,
  makeShell: (directory: string) => Promise<Shell>,
  use: (place: Place) => Promise<T>,
): Promise<T> {
  return withDirectory((directory) =>
    withCluster(
      async (cluster) => {
        await requirePasswords(cluster);
        return use(await placeOn(cluster, directory, await makeShell(join(directory, 'bin'))));
      },
      { PG_BIN_DIR: binDir },
    ),
  );
}

async function placeOn(cluster: Cluster, directory: string, shell: Shell): Promise<Place> {
  let pods = 0;
  const { own } = await podScripts();
  const place: Place = {
    cluster,
    shell,
    query: (database, sql) =>
      withClient({ ...address(cluster), dbname: database }, async (client) => (await client.query(sql)).rows),
    createDatabase: async (name) => {
      await place.query('postgres', `CREATE DATABASE ${quoteIdentifier(name)}`);
    },
    start: (database, { secret = {}, extra = {}, changed = {}, env = {}, storesJwtSecret = false } = {}) => {
      const manifests = initManifests(
        projectCalled('shop'),
        { own: { ...own, ...changed }, extra },
        { storesJwtSecret },
      );
      const secrets: Secrets = {
        'shop-database': { ...secretOf(cluster, database), ...secret },
        'shop-jwt': { 'jwt-secret': jwtSecret },
      };
      pods += 1;
      return startPod(manifests, secrets, join(directory, `pod-${pods}`), shell, env);
    },
    run: async (database, options) => (await place.start(database, options)).ended,
  };
  return place;
}

function projectCalled(name: string) {
  return { metadata: { name }, spec: { database: { secretRef: { name: `${name}-database` }, sslMode: 'disable' } } };
}

function address({ host, port, user }: Cluster) {
  return { host, port: String(port), user };
}

function secretOf({ host, port }: Cluster, database: string) {
  return { host, port: String(port), database, username: administrator, password: hostilePassword };
}

async function requirePasswords({ dataDir, ...cluster }: Cluster): Promise<void> {
  const path = join(dataDir, 'pg_hba.conf');
  const own = `local all ${JSON.stringify(cluster.user)} trust\n`;
  await writeFile(path, `${own}local all all scram-sha-256\n${await readFile(path, 'utf8')}`);
  await withClient(cluster.url, async (client) => {
    await client.query(`CREATE ROLE "db-admin" SUPERUSER LOGIN PASSWORD ${client.escapeLiteral(hostilePassword)}`);
    await client.query("ALTER SYSTEM SET wal_level = 'logical'");
    await client.query('SELECT pg_reload_conf()');
  });
}

/** What is tried on a server, and the sentence that says so. */
export type Case = readonly [name: string, run: (place: Place) => Promise<void>];

export const sevenFiles: readonly string[] = supabaseFileNames;
