import type { Client } from 'pg';
import type { Cluster } from '../cluster/cluster.js';
import { leadsTo } from '../cluster/url.js';
import { ExitCode, UserError } from '../errors.js';
import { withClient } from '../postgres/client.js';
import { type ConnectionConfig, resolveConnection } from '../postgres/config.js';
import { ConnectionError } from '../postgres/errors.js';
import { formatConnectionUri } from '../postgres/uri.js';
import { localStatus } from './local-cluster.js';
import type { GivenUrl } from './project.js';
import type { Workspace } from './workspace.js';

/** The database that a command works on. */
export interface Target {
  readonly connection: ConnectionConfig;
  readonly database: string;
  /** The project's own cluster when the database is in it; undefined for a server elsewhere. */
  readonly cluster: Cluster | undefined;
}

/** The database that `--url`, DB_URL or PGURL names; else the one of the project's own cluster, when that runs. */
export async function resolveTarget(workspace: Workspace): Promise<Target> {
  const { running, cluster } = await localStatus(workspace);
  if (workspace.project.url === undefined && !running) throw nowhere(cluster);
  const target = projectTarget(workspace, cluster);
  if (target.cluster === undefined) return target;
  if (!running) throw notRunning(cluster);
  await requireDatabase(target);
  return target;
}

/** SQLSTATEs of a role and of a database that do not exist. */
const absent = ['28000', '3D000'];

/** DB_URL may have changed since the project's cluster was made. */
async function requireDatabase({ connection }: Target): Promise<void> {
  await withClient(connection, async () => undefined).catch((error: unknown) => {
    if (!(error instanceof ConnectionError) || !absent.includes(error.sqlstate ?? '')) throw error;
    throw new UserError(error.message, {
      hint: 'make what is missing in the running cluster, and keep its data: database init --reuse',
      cause: error,
    });
  });
}

/** The database that the project's URL names, else the given cluster's own. */
export function projectTarget({ project: { url }, env }: Workspace, cluster: Cluster): Target {
  if (url === undefined) return targetAt(cluster.url, env, cluster);
  try {
    return targetAt(url.text, env, cluster);
  } catch (error) {
    throw error instanceof UserError ? unusable(url, error) : error;
  }
}

/** The database at a URL, which may be in the given cluster. */
export function targetAt(url: string, env: NodeJS.ProcessEnv, cluster: Cluster): Target {
  const connection = resolveConnection(url, env);
  return { connection, database: connection.database, cluster: leadsTo(connection, cluster) ? cluster : undefined };
}

/** The same server, another database. */
export function inDatabase({ connection, cluster }: Target, database: string): Target {
  const conninfo = { ...connection.conninfo, dbname: database };
  return { connection: { ...connection, conninfo, database }, database, cluster };
}

/** The target's URL, without a password. */
export function urlOf({ connection }: Target): string {
  return formatConnectionUri(connection.conninfo);
}

/** Lends a connection to the server's maintenance database, from which databases are created and dropped. */
export function withMaintenance<T>(target: Target, use: (client: Client) => Promise<T>): Promise<T> {
  return withClient(inDatabase(target, 'postgres').connection, use);
}

/** A URL that cannot be used, as an error that names what it was given by. */
export function unusable({ origin }: GivenUrl, cause: UserError): UserError {
  const hint =
    cause.hint ?? 'It is written postgresql://USER@HOST:PORT/DATABASE, or ...@/DATABASE?host=SOCKETDIR&port=PORT';
  return new UserError(`${origin} cannot be used: ${cause.message}`, { hint, exitCode: cause.exitCode, cause });
}

function nowhere({ workingDir }: Cluster): UserError {
  return new UserError(`DB_URL is not set, and no cluster runs in ${workingDir}`, {
    exitCode: ExitCode.missing,
    hint: "set it to the database to work on, or start the project's own cluster: database init",
  });
}

function notRunning({ workingDir }: Cluster): UserError {
  return new UserError(`the cluster in ${workingDir} is not running`, {
    hint: 'start it with its data: database init --reuse\nor start afresh: database deploy',
  });
}
