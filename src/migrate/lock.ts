import { setTimeout as wait } from 'node:timers/promises';
import type { ScriptSession } from '../script/session.js';
import { query } from './session.js';

/** The two halves of the advisory lock's number: the first eight bytes of SHA-256('slipway migrator'), without the sign. */
const [high, low] = [0x688e7c32, 0xc3881ed6];
/** Number of the advisory lock, as SQL text. */
export const lockKey = (BigInt(high) * 0x1_0000_0000n + BigInt(low)).toString();

/** An SQL condition: the session of the transaction it stands in holds the migrator's lock of this database. */
export const holdsLock = `EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND l.granted
  AND l.pid = pg_catalog.pg_backend_pid() AND l.classid = ${high} AND l.objid = ${low} AND l.objsubid = 1)`;

const holder = `SELECT l.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''), coalesce(a.client_addr::text, 'local')
  FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
  WHERE l.locktype = 'advisory' AND l.granted AND l.classid = ${high} AND l.objid = ${low} AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`;

/**
 * Runs `use` while this session holds the migrator's lock of its database. It is asked for again and again instead of waited for: a
 * session that waits for a lock is one that CREATE INDEX CONCURRENTLY waits for in turn.
 */
export async function withMigrationLock<T>(
  session: ScriptSession,
  onWait: (holder: string) => void,
  use: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; !(await tryLock(session)); attempt++) {
    if (attempt === 0) onWait(await describeHolder(session));
    await wait(Math.min(50 * 2 ** attempt, 1000), undefined, { signal: session.signal }).catch((error: unknown) => {
      session.signal?.throwIfAborted();
      throw error;
    });
  }
  try {
    return await use();
  } finally {
    // A session that is gone, or about to be closed, gives it back by itself.
    if (!session.signal?.aborted)
      await query(session, `SELECT pg_catalog.pg_advisory_unlock(${lockKey})`).catch(() => undefined);
  }
}

async function tryLock(session: ScriptSession): Promise<boolean> {
  session.signal?.throwIfAborted();
  const [[isLocked] = []] = await query(session, `SELECT pg_catalog.pg_try_advisory_lock(${lockKey})`);
  return isLocked === 't';
}

async function describeHolder(session: ScriptSession): Promise<string> {
  const [[pid, application, user, address] = []] = await query(session, holder);
  if (pid === undefined) return 'another migrator, which has just ended';
  return `pid ${pid} (${application || 'no application name'}, user ${user}, ${address})`;
}
