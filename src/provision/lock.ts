import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { UserError } from '../errors.js';

/** Who has the lock, as pg_stat_activity shows it. */
export interface LockHolder {
  readonly pid: number;
  readonly user: string | null;
  readonly application: string | null;
  /** null over a socket. */
  readonly address: string | null;
  readonly since: string | null;
}

export interface LockOptions {
  /** Told once, when another provisioning is under way. */
  readonly onWait?: ((holder: LockHolder) => void) | undefined;
  /** How long to wait, in milliseconds; without end when undefined. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Two numbers of ours, as ASCII: "slip", "prov". */
const key = [0x736c6970, 0x70726f76] as const;
const pollMs = 100;

/**
 * Runs `use` while this session holds the lock of provisioning. Advisory locks belong to one database, so everybody has to take it in
 * the same one, the maintenance database; it is gone when its session is, however that ended. Polled, because a session that waits in
 * the server would hold a snapshot, and could not be told to give up.
 */
export async function withProvisionLock<T>(client: pg.Client, options: LockOptions, use: () => Promise<T>): Promise<T> {
  await acquire(client, options);
  try {
    return await use();
  } finally {
    await client.query(`SELECT pg_catalog.pg_advisory_unlock(${key.join(', ')})`).catch(ignoreLostConnection);
  }
}

async function acquire(
  client: pg.Client,
  { onWait, timeoutMs = Number.POSITIVE_INFINITY, signal }: LockOptions,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  for (let hasTold = false; ; ) {
    signal?.throwIfAborted();
    if (await tryLock(client)) return;
    const holder = await findHolder(client);
    if (holder === undefined) continue;
    if (!hasTold) onWait?.(holder);
    hasTold = true;
    if (performance.now() > giveUpAt) throw lockedBy(holder);
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    `SELECT pg_catalog.pg_try_advisory_lock(${key.join(', ')}) AS taken`,
  );
  return rows[0]?.taken === true;
}

async function findHolder(client: pg.Client): Promise<LockHolder | undefined> {
  const { rows } = await client.query<LockHolder>(`
    SELECT pid, usename AS user, application_name AS application, client_addr::text AS address, backend_start::text AS since
    FROM pg_catalog.pg_locks JOIN pg_catalog.pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND classid = ${key[0]} AND objid = ${key[1]} AND objsubid = 2 AND granted
      AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`);
  return rows[0];
}

/** The holder in words, for those who wait. */
export function describeHolder({ pid, user, application, address, since }: LockHolder): string {
  const words = [`session ${pid} of ${user ?? 'an unknown user'}`];
  if (address !== null) words.push(`from ${address}`);
  if (application) words.push(`(${application})`);
  if (since !== null) words.push(`connected since ${since}`);
  return words.join(' ');
}

function lockedBy(holder: LockHolder): UserError {
  return new UserError(`another provisioning is under way: ${describeHolder(holder)}`, {
    hint: `Wait for it. If it hangs, end it: SELECT pg_terminate_backend(${holder.pid})`,
  });
}

/** A session that is gone holds no lock; what it was gone for has been thrown by whatever noticed. */
function ignoreLostConnection(): void {}
