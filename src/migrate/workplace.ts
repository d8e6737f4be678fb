import type { Writable } from 'node:stream';
import type { ConnectionConfig } from '../postgres/config.js';
import type { Variables } from './migration.js';
import type { Reporter } from './reporter.js';
import type { Surroundings } from './sources.js';

/** What every command of the migrator works with. */
export interface Workplace {
  readonly connection: ConnectionConfig;
  /** The migration directory, absolute. */
  readonly directory: string;
  readonly variables: Variables;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Where the output of migrations goes. */
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly reporter: Reporter;
  readonly signal: AbortSignal | undefined;
}

export function surroundingsOf({ directory, cwd, env, variables }: Workplace): Surroundings {
  return { directory, cwd, env, variables };
}

/** `database shop on host:5432 as user me`, for people who might have meant another one. */
export function describeTarget({ database, user, hosts }: ConnectionConfig): string {
  const places = hosts.map(({ host, port, isSocket }) => (isSocket ? `${host} (port ${port})` : `${host}:${port}`));
  return `database ${database} on ${places.join(', ')} as user ${user}`;
}
