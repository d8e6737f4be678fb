import { ExitCode, UserError } from '../../errors.js';
import { type ConnectionConfig, type ConnectionSource, resolveConnection } from '../config.js';
import { type Connected, connect } from '../connect.js';
import { findDumpProgram, nativeDump } from './native.js';
import { normalizeDump } from './normalize.js';

export interface DumpOptions {
  /** The directory of the server's programs: its pg_dump is preferred when it is there. */
  readonly binDir?: string | undefined;
  /** Further arguments for pg_dump, such as `--schema=shop`. */
  readonly args?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** The server that pg_dump as WebAssembly understands: it is built from the sources of this version. */
const wasmMajor = 18;

/**
 * The schema of a running database as pg_dump writes it, less what changes without the schema (see normalizeDump). The pg_dump beside
 * the server's programs writes it, else the one that is part of this package (PostgreSQL 18 only), else one on PATH; all give the same text.
 * Throws a ConnectionError, or a UserError when there is no pg_dump for the server (exit code 127) or when it fails.
 */
export async function dumpSchema(source: ConnectionSource, options: DumpOptions = {}): Promise<string> {
  const config = resolveConnection(source, options.env);
  const { signal } = options;
  const connected = await connect(config, { clientEncoding: 'UTF8', applicationName: 'pg_dump', signal });
  try {
    return normalizeDump(await dumpThrough(connected, config, options));
  } catch (error) {
    connected.connection.stream.destroy();
    signal?.throwIfAborted();
    throw error;
  } finally {
    await connected.client.end();
  }
}

async function dumpThrough(connected: Connected, config: ConnectionConfig, options: DumpOptions): Promise<string> {
  const args = ['--schema-only', '--no-password', '--encoding=UTF8', ...(options.args ?? [])];
  const major = Number.parseInt(connected.connection.serverParameters.get('server_version') ?? '', 10);
  const beside = options.binDir === undefined ? undefined : await findDumpProgram([options.binDir], major);
  if (beside !== undefined) return nativeDump(beside, config, args, options.signal);
  if (major === wasmMajor) return (await import('./wasm.js')).wasmDump(connected, args, options.signal);
  const onPath = await findDumpProgram((config.env.PATH ?? '').split(':'), major);
  if (onPath !== undefined) return nativeDump(onPath, config, args, options.signal);
  throw new UserError(`there is no pg_dump for a PostgreSQL ${major} server`, {
    exitCode: ExitCode.missingDependency,
    hint: `Install PostgreSQL's client programs, version ${major} or newer, on PATH, or let PG_BIN_DIR name an installation that has them.`,
  });
}
