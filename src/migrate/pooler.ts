import { ExitCode, UserError } from '../errors.js';
import type { ConnectionConfig } from '../postgres/config.js';
import { withSession } from '../script/run.js';
import type { ScriptSession } from '../script/session.js';
import { isLost, query } from './session.js';

/**
 * Refuses a pooler that hands one client's transactions to several sessions of the server (PgBouncer's pool_mode transaction and
 * statement, Supavisor's port 6543): locks and settings of a session mean nothing there. It gives itself away when a second client's
 * transaction runs in the session that served the first client, or the first client's moves to another while that lasts. Called when
 * the server's process is not the one that the connection was announced with, as it is with any pooler.
 */
export async function refuseTransactionPooling(
  session: ScriptSession,
  config: ConnectionConfig,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (await sharesSessions(session, config, signal)) {
    throw new UserError(
      `${placeOf(config)} is a connection pooler that shares sessions between clients (transaction pooling)`,
      {
        exitCode: ExitCode.ambiguous,
        hint:
          "a migrator needs a session of its own, for its lock: connect to the server itself, or to the pooler's session mode\n" +
          'PgBouncer: pool_mode = session for this user or database; Supabase: port 5432 instead of 6543',
      },
    );
  }
}

/** In session mode with one server connection the second client waits for the first: this long is waited for it, in milliseconds. */
const patience = 3000;

async function sharesSessions(
  session: ScriptSession,
  config: ConnectionConfig,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const limited = AbortSignal.any([AbortSignal.timeout(patience), ...(signal === undefined ? [] : [signal])]);
  try {
    return await withSession(config, { signal: limited }, async (second) => {
      limited.addEventListener('abort', () => void second.wire?.close());
      for (let round = 0; round < 3; round++) {
        const mine = await backend(session);
        const theirs = await backend(second, 'BEGIN;');
        if (theirs === mine || (await backend(session)) !== mine) return true;
        await query(second, 'ROLLBACK');
      }
      return false;
    });
  } catch (error) {
    signal?.throwIfAborted();
    // PgBouncer's statement mode hangs up on a client that begins a transaction.
    return !limited.aborted && isLost(error);
  }
}

async function backend(session: ScriptSession, before = ''): Promise<string> {
  const [[pid] = []] = await query(session, `${before} SELECT pg_catalog.pg_backend_pid()`);
  return pid ?? '';
}

function placeOf({ hosts }: ConnectionConfig): string {
  return hosts.map(({ host, port }) => `${host}:${port}`).join(', ');
}
