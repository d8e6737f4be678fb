import { join, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { type ConnectionConfig, resolveConnection } from '../postgres/config.js';

/** Where a client finds the cluster. */
export interface Address {
  /** The directory of the socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/**
 * `postgresql://USER@/DATABASE?host=SOCKDIR&port=PORT`, as both libpq and pg read it (libpq, section 32.1.1.2: percent-encoding
 * everywhere; a slash may stand as it is in a query value).
 */
export function clusterUrl({ host, port, user, database }: Address): string {
  return `postgresql://${encode(user)}@/${encode(database)}?host=${encode(host).replaceAll('%2F', '/')}&port=${port}`;
}

/** encodeURIComponent leaves five marks alone; an apostrophe or a parenthesis in a URL breaks the shell lines it is pasted in. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The role and database that a connection URL names, if it leads to the sockets of the cluster in `workingDir`. */
export function pointsAt(
  url: string | undefined,
  place: { readonly workingDir: string; readonly port: number },
  env: NodeJS.ProcessEnv,
): { user: string; database: string } | undefined {
  const connection = url === undefined ? undefined : readable(url, env);
  if (connection === undefined || !leadsTo(connection, place)) return undefined;
  return { user: connection.user, database: connection.database };
}

/** Starting a server does not need the URL, so one that cannot be read is left to whoever connects with it. */
function readable(url: string, env: NodeJS.ProcessEnv): ConnectionConfig | undefined {
  try {
    return resolveConnection(url, env);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Whether a connection leads to the cluster: its socket under the directory's own name, under `sock`, or where it really is. */
export function leadsTo(
  { hosts }: ConnectionConfig,
  { workingDir, port, host }: { readonly workingDir: string; readonly port: number; readonly host?: string },
): boolean {
  const places = [workingDir, join(workingDir, 'sock'), host];
  return hosts.every((one) => one.isSocket && one.port === port && places.includes(resolve(one.host)));
}
