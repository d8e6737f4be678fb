import type pg from 'pg';
import { type ConnectionSource, resolveConnection } from './config.js';
import { type ConnectOptions, connect } from './connect.js';

/**
 * Lends a connected client for plain queries and closes it afterwards, whatever happens.
 * Throws a ConnectionError when no connection can be made; what the server refuses later is `pg`'s DatabaseError.
 */
export async function withClient<T>(
  source: ConnectionSource,
  use: (client: pg.Client) => Promise<T>,
  options: Omit<ConnectOptions, 'clientEncoding'> & { env?: NodeJS.ProcessEnv } = {},
): Promise<T> {
  const config = resolveConnection(source, options.env);
  const { client } = await connect(config, { ...options, clientEncoding: 'UTF8' });
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
