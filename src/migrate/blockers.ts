import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import { withClient } from '../postgres/client.js';
import type { ConnectionConfig } from '../postgres/config.js';

export interface BlockerWatch {
  /** Who was seen last to hold what the watched session waits for, with what it runs. */
  readonly seen: string | undefined;
}

const blockers = `SELECT a.pid, a.usename, a.application_name, a.state, a.query
  FROM pg_catalog.pg_stat_activity a WHERE a.pid = ANY (pg_catalog.pg_blocking_pids($1)) ORDER BY a.pid LIMIT 3`;

/**
 * Looks, while `use` runs, at what a session waits for: from a second connection, which is only made when it takes longer than the
 * interval (in milliseconds), and which nothing depends on.
 */
export async function withBlockerWatch<T>(
  { config, pid, interval }: { config: ConnectionConfig; pid: number; interval: number },
  use: (watch: BlockerWatch) => Promise<T>,
): Promise<T> {
  const watch: { seen: string | undefined } = { seen: undefined };
  const end = new AbortController();
  const watching = lookOn(config, pid, interval, end.signal, watch).catch(() => undefined);
  try {
    return await use(watch);
  } finally {
    end.abort();
    await watching;
  }
}

async function lookOn(
  config: ConnectionConfig,
  pid: number,
  interval: number,
  signal: AbortSignal,
  watch: { seen: string | undefined },
): Promise<void> {
  await wait(interval, undefined, { signal });
  const look = async (client: Client) => {
    for (; !signal.aborted; await wait(interval, undefined, { signal })) {
      const { rows } = await client.query(blockers, [pid]);
      if (rows.length > 0) watch.seen = rows.map(describeBlocker).join('; ');
    }
  };
  await withClient(config, look, { signal, applicationName: 'slipway migrator (watches for locks)' });
}

function describeBlocker({
  pid,
  usename,
  application_name: application,
  state,
  query,
}: Record<string, string>): string {
  const line = (query ?? '').replace(/\s+/g, ' ').trim();
  const text = line.length > 120 ? `${line.slice(0, 119)}…` : line;
  return `pid ${pid} (${[usename, application, state].filter(Boolean).join(', ')}): ${text}`;
}
