import type pg from 'pg';
import { requireChannelBinding } from './channel-binding.js';
import type { ConnectionConfig, Host } from './config.js';
import { driver } from './driver.js';
import { type AttemptFailure, attemptFailure, ConnectionError, isTlsDeclined } from './errors.js';
import { suitsSession } from './session-attributes.js';
import { HostSocket } from './socket.js';
import { StartupConnection } from './startup.js';
import { type Encryption, encryptionAttempts } from './tls.js';

export interface ConnectOptions {
  /** Gives up connecting, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Shown as application_name when the configuration names none. */
  readonly applicationName?: string;
  /** Encoding of everything that is sent and received; the server's own choice when undefined and none is configured. */
  readonly clientEncoding?: string | undefined;
  /** Gets every connection before it is tried, to listen to what the server says on the way. */
  readonly onAttempt?: (connection: StartupConnection) => void;
}

/** A connection that has been authenticated, and the host it goes to. */
export interface Connected {
  readonly client: pg.Client;
  readonly connection: StartupConnection;
  readonly host: Host;
}

/**
 * Connects to the first host of the configuration that answers and has the wanted session attributes.
 * Throws a ConnectionError that names every attempt, or the signal's reason.
 */
export async function connect(config: ConnectionConfig, options: ConnectOptions = {}): Promise<Connected> {
  const failures: AttemptFailure[] = [];
  for (const wanted of passesOver(config.conninfo.target_session_attrs)) {
    for (const host of inOrder(config)) {
      const connected = await connectTo(config, host, options, failures);
      if (connected === undefined) continue;
      const refusal = await suitsSession(connected.client, wanted);
      if (refusal === undefined) return connected;
      await connected.client.end();
      failures.push({ ...attemptFailure(host, { message: refusal }), wasReached: true });
    }
  }
  throw new ConnectionError(failures);
}

/** `prefer-standby` looks for a standby first and then takes anything. */
function passesOver(attributes = 'any'): readonly string[] {
  return attributes === 'prefer-standby' ? ['standby', 'any'] : [attributes];
}

function inOrder({ hosts, conninfo }: ConnectionConfig): readonly Host[] {
  if (conninfo.load_balance_hosts !== 'random') return hosts;
  return hosts
    .map((host) => ({ host, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ host }) => host);
}

/** Tries the ways of encryption that sslmode allows; failures are added to the list. */
async function connectTo(
  config: ConnectionConfig,
  host: Host,
  options: ConnectOptions,
  failures: AttemptFailure[],
): Promise<Connected | undefined> {
  for (const encryption of encryptionAttempts(config, host)) {
    options.signal?.throwIfAborted();
    const attempt = prepare(config, host, encryption, options);
    try {
      await untilAborted(attempt, options.signal);
      return attempt;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isTlsDeclined(error) && config.conninfo.sslmode === 'prefer') continue;
      const failure = attemptFailure(host, error);
      failures.push(failure);
      if (!failure.wasReached) return undefined;
    }
  }
  return undefined;
}

async function untilAborted({ client, connection }: Connected, signal: AbortSignal | undefined): Promise<void> {
  const abort = () => connection.stream.destroy(new Error('aborted'));
  signal?.addEventListener('abort', abort);
  try {
    await client.connect();
  } catch (error) {
    connection.stream.destroy();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function prepare(config: ConnectionConfig, host: Host, ssl: Encryption, options: ConnectOptions): Connected {
  const { conninfo } = config;
  const stream = () => new HostSocket(host);
  const sslNegotiation = conninfo.sslnegotiation;
  const transport = { ssl, stream, sslNegotiation, keepAlive: true } as unknown as ConstructorParameters<
    typeof StartupConnection
  >[0];
  const connection = new StartupConnection(transport, startupParameters(config, options));
  if (conninfo.channel_binding === 'require') requireChannelBinding(connection);
  options.onAttempt?.(connection);
  const client = new driver.Client({
    host: host.host,
    port: host.port,
    user: config.user,
    database: config.database,
    password: () => passwordOf(host),
    ssl,
    enableChannelBinding: conninfo.channel_binding !== 'disable',
    connectionTimeoutMillis: Math.max(0, Number(conninfo.connect_timeout ?? 0)) * 1000,
    connection,
  } as pg.ClientConfig);
  client.on('error', () => undefined);
  return { client, connection, host };
}

function passwordOf({ password }: Host): string {
  if (password === undefined) throw new Error('fe_sendauth: no password supplied');
  return password;
}

/** Variables that libpq turns into settings of the session. */
const settingVariables = { PGDATESTYLE: 'datestyle', PGTZ: 'timezone', PGGEQO: 'geqo' } as const;

function startupParameters({ conninfo, user, database, env }: ConnectionConfig, options: ConnectOptions) {
  const parameters: Record<string, string | undefined> = {
    user,
    database,
    replication: conninfo.replication,
    options: conninfo.options,
    application_name:
      conninfo.application_name ?? conninfo.fallback_application_name ?? options.applicationName ?? 'slipway',
    client_encoding: options.clientEncoding ?? conninfo.client_encoding,
  };
  for (const [variable, setting] of Object.entries(settingVariables)) parameters[setting] = env[variable];
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value)) as Record<string, string>;
}
