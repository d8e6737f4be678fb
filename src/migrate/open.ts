import type { ConnectionConfig } from '../postgres/config.js';
import { withSession } from '../script/run.js';
import type { ScriptSession } from '../script/session.js';
import { refuseTransactionPooling } from './pooler.js';
import { query, Refused } from './session.js';

/** A session of the migrator, and what it found out about its server. */
export interface MigratorSession {
  readonly session: ScriptSession;
  /** The server process behind it. */
  readonly pid: number;
  /** Statements that give it back the settings it began with, without giving up its locks. */
  readonly cleanup: string;
}

/** Lends a connection to run migrations on. Throws a ConnectionError, and a UserError behind a pooler that shares sessions. */
export async function withMigratorSession<T>(
  connection: ConnectionConfig,
  signal: AbortSignal | undefined,
  use: (session: MigratorSession) => Promise<T>,
): Promise<T> {
  const named =
    connection.conninfo.application_name ?? connection.conninfo.fallback_application_name ?? 'slipway migrator';
  const config = { ...connection, conninfo: { ...connection.conninfo, application_name: named } };
  return withSession(config, { signal }, async (session) => {
    const [[pid] = []] = await query(session, 'SELECT pg_catalog.pg_backend_pid()');
    if (Number(pid) !== session.wire?.processId) await refuseTransactionPooling(session, config, signal);
    const settings = (await noticesDeadClients(session)) ? [endWithClient] : [];
    return use({ session, pid: Number(pid), cleanup: [...forget, ...settings].join(';\n') });
  });
}

/** A server that goes on for hours with a statement of a migrator that was killed keeps the lock for as long. */
const endWithClient = "SET client_connection_check_interval = '5s'";

/** Not every operating system of a server can tell. */
async function noticesDeadClients(session: ScriptSession): Promise<boolean> {
  try {
    await query(session, endWithClient);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

/** What DISCARD ALL does, but for the advisory locks, and the plans: those say nothing, and the bundle's triggers need theirs again. */
const forget = [
  'RESET SESSION AUTHORIZATION',
  'RESET ROLE',
  'RESET ALL',
  'CLOSE ALL',
  'DEALLOCATE ALL',
  'UNLISTEN *',
  'DISCARD TEMP',
  'DISCARD SEQUENCES',
];
