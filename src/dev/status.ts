import type { Client } from 'pg';
import { messageOf } from '../errors.js';
import { bundleStatus } from '../hectic/apply.js';
import { bundleVersion } from '../hectic/bundle.js';
import { withClient } from '../postgres/client.js';
import { localStatus } from './local-cluster.js';
import { type Deployment, readDeployment } from './snapshot.js';
import { projectTarget, type Target, urlOf } from './target.js';
import type { Workspace } from './workspace.js';

/** What `database status` knows; null stands for what there is not. */
export interface Status {
  readonly workingDir: string;
  /** The project's own server. */
  readonly cluster: { readonly pid: number; readonly url: string } | null;
  /** The database that commands work on, without a password. */
  readonly url: string | null;
  readonly database: DatabaseStatus | { readonly unreachable: string } | null;
}

export interface DatabaseStatus {
  readonly server: string;
  /** Bytes. */
  readonly size: number;
  readonly bundle: { readonly installed: string | null; readonly shipped: string };
  readonly deployed: Deployment;
  readonly sessions: readonly Session[];
}

/** Somebody else's connection to the database. */
export interface Session {
  readonly pid: number;
  readonly user: string;
  readonly application: string;
  readonly state: string;
  /** Seconds that the session has been in this state. */
  readonly seconds: number;
}

export async function status(workspace: Workspace): Promise<Status> {
  const { project } = workspace;
  const { running, pid, cluster } = await localStatus(workspace);
  const target = project.url === undefined && !running ? undefined : projectTarget(workspace, cluster);
  return {
    workingDir: project.workingDir,
    cluster: running && pid !== undefined ? { pid, url: cluster.url } : null,
    url: target === undefined ? null : urlOf(target),
    database: target === undefined ? null : await databaseStatus(target),
  };
}

/** A server that cannot be reached is something to show, not a failure of the command. */
async function databaseStatus(target: Target): Promise<Status['database']> {
  try {
    return await withClient(target.connection, (client) => readDatabase(client, target.database));
  } catch (error) {
    return { unreachable: messageOf(error) };
  }
}

async function readDatabase(client: Client, database: string): Promise<DatabaseStatus> {
  const { rows } = await client.query<{ server: string; size: string }>(
    `SELECT current_setting('server_version') AS server, pg_database_size(current_database()) AS size`,
  );
  const sessions = await client.query<Session>(
    `SELECT pid, usename AS user, application_name AS application, coalesce(state, '') AS state,
            coalesce(extract(epoch FROM now() - state_change), 0)::int AS seconds
       FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
      ORDER BY pid`,
  );
  return {
    server: rows[0]?.server ?? '',
    size: Number(rows[0]?.size),
    bundle: { installed: (await bundleStatus(client)) ?? null, shipped: bundleVersion },
    deployed: await readDeployment(client, database),
    sessions: sessions.rows,
  };
}
