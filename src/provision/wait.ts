import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, UserError } from '../errors.js';
import { ConnectionError } from '../postgres/errors.js';
import { asAdministrator, type Server } from './server.js';

/** Why a server cannot be worked on yet. */
export type WaitReason =
  | 'refused'
  | 'unreachable'
  | 'starting'
  | 'recovery'
  | 'authentication'
  | 'connections'
  | 'database'
  | 'failed';

export interface WaitState {
  readonly reason: WaitReason;
  /** The reason with the server's own words. */
  readonly message: string;
}

export interface WaitOptions {
  /** In milliseconds; `forever` only when somebody has asked for that. */
  readonly timeoutMs: number | 'forever';
  /** Told whenever the reason changes. */
  readonly onWait?: ((state: WaitState) => void) | undefined;
}

const pollMs = 250;

/**
 * Waits until the administrator can log in, over the way that will be used, and write. A port that answers proves little: the server may
 * be starting, and official container images run a passing server on the socket while they prepare the real one.
 * @throws UserError with the last reason when the time is over, or the signal's reason
 */
export async function waitForServer(server: Server, { timeoutMs, onWait }: WaitOptions): Promise<void> {
  const giveUpAt = timeoutMs === 'forever' ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
  const { signal } = server;
  for (let last: WaitState | undefined; ; ) {
    signal?.throwIfAborted();
    const state = await look(server, giveUpAt - performance.now());
    if (state === undefined) return;
    // The try that the end has cut short knows less than the one before it.
    if (performance.now() + pollMs > giveUpAt) throw timeout(state === silence ? (last ?? state) : state, timeoutMs);
    if (state.reason !== last?.reason) onWait?.(state);
    last = state;
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
  }
}

const silence: WaitState = { reason: 'unreachable', message: 'the server does not answer' };

/** A try must not outlast the waiting itself: packets to a host that is not there vanish without an answer. */
async function look({ config, signal }: Server, leftMs: number): Promise<WaitState | undefined> {
  const deadline = Number.isFinite(leftMs) ? AbortSignal.timeout(Math.max(1, Math.ceil(leftMs))) : undefined;
  const signals = [deadline, signal].filter((one) => one !== undefined);
  try {
    return await asAdministrator({ config, signal: AbortSignal.any(signals) }, async (client) => {
      const { rows } = await client.query<{ standby: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS standby');
      const message = 'the server takes part in recovery and can only be read';
      return rows[0]?.standby === true ? { reason: 'recovery', message } : undefined;
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (deadline?.aborted === true) return silence;
    return stateOf(error);
  }
}

/** The reason behind a connection that could not be made. @throws what is not worth waiting for */
function stateOf(error: unknown): WaitState {
  if (!(error instanceof ConnectionError)) throw error;
  const { message, sqlstate, cause } = error;
  return { reason: sqlstate === undefined ? networkReason(cause) : serverReason(sqlstate, message), message };
}

function networkReason(cause: unknown): WaitReason {
  const code = codeOf(cause);
  return code === 'ECONNREFUSED' || code === 'ENOENT' ? 'refused' : 'unreachable';
}

function serverReason(sqlstate: string, message: string): WaitReason {
  if (sqlstate === '57P03') return /recover|consistent/i.test(message) ? 'recovery' : 'starting';
  if (sqlstate.startsWith('28')) return 'authentication';
  if (sqlstate === '53300') return 'connections';
  return sqlstate === '3D000' ? 'database' : 'failed';
}

/** What to do about each reason, once waiting has not helped. */
const remedies: Readonly<Record<WaitReason, string>> = {
  refused: 'Start the server, or correct host and port.',
  unreachable: 'Check the host name, the network and any firewall on the way.',
  starting: 'Look into the log of the server, and wait longer.',
  recovery: 'Name the primary, or wait longer if this server is to be promoted.',
  authentication: 'Check the user and the password of the administrator, and pg_hba.conf.',
  connections: 'End idle sessions, or raise max_connections.',
  database: 'Check maintenanceDb.',
  failed: 'The message is the last word of the server.',
};

function timeout({ reason, message }: WaitState, timeoutMs: number | 'forever'): UserError {
  const seconds = timeoutMs === 'forever' ? '' : ` after ${timeoutMs / 1000} s`;
  return new UserError(`the server is not ready${seconds} (${reason}): ${message}`, { hint: remedies[reason] });
}
