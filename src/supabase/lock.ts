import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { UserError } from '../errors.js';
import { withClient } from '../postgres/client.js';
import type { ConnectionConfig } from '../postgres/config.js';

/** The bytes of "slipway"; sql/supabase/ledger.sql names the same key. */
export const lockKey = '32488822435963257';

const pollMs = 100;

export interface LockOptions {
  /** Told once when somebody else has the lock: who, as pg_stat_activity shows it. */
  readonly onWait?: ((holder: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `use` while a session of its own holds the database's lock of initialisations, which psql's way shares. `use` is aborted when
 * that session is lost: somebody else could have the lock then.
 */
export function withInitLock<T>(
  config: ConnectionConfig,
  { onWait, signal }: LockOptions,
  use: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withClient(
    config,
    async (client) => {
      const lost = new AbortController();
      client.once('end', () =>
        lost.abort(new UserError('the session that held the lock of this initialisation was lost')),
      );
      await acquire(client, { onWait, signal });
      return use(AbortSignal.any(signal === undefined ? [lost.signal] : [lost.signal, signal]));
    },
    { signal, applicationName: 'slipway supabase' },
  );
}

/** Polled: a session that waits in the server would hold a snapshot, and could not be told to give up. */
async function acquire(client: pg.Client, { onWait, signal }: LockOptions): Promise<void> {
  await client.query('SET idle_session_timeout = 0; SET statement_timeout = 0');
  for (let hasTold = false; ; ) {
    signal?.throwIfAborted();
    const { rows } = await client.query(`SELECT pg_catalog.pg_try_advisory_lock(${lockKey}) AS taken`);
    if (rows[0].taken) return;
    if (!hasTold) onWait?.(await describeHolder(client));
    hasTold = true;
    await sleep(pollMs, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
  }
}

async function describeHolder(client: pg.Client): Promise<string> {
  const { rows } = await client.query(`
    SELECT format('session %s of %s (%s)', pid, usename, coalesce(nullif(application_name, ''), 'unnamed')) AS holder
    FROM pg_catalog.pg_locks JOIN pg_catalog.pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32) + objid::bigint = ${lockKey}`);
  return rows[0]?.holder ?? 'another session';
}
