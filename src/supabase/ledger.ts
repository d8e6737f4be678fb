import type pg from 'pg';
import { UserError } from '../errors.js';
import type { ConnectionConfig } from '../postgres/config.js';
import { describe } from '../script/errors.js';
import { runScript } from '../script/run.js';
import { type Script, supabasePath } from './files.js';

/** The last time that a file was run to its end. */
export interface LedgerEntry {
  readonly file: string;
  readonly sha256: string;
  /** Version of Slipway that ran it. */
  readonly version: string;
  readonly appliedAt: Date;
  readonly durationMs: number;
}

/** The record of a database by file name; undefined when it has none. */
export async function readLedger(client: pg.Client): Promise<ReadonlyMap<string, LedgerEntry> | undefined> {
  const { rows: found } = await client.query(`
    SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS "isReadable"
    FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
    WHERE n.nspname = 'supabase_slipway' AND c.relname = 'migration'`);
  if (found.length === 0) return undefined;
  if (!found[0].isReadable) {
    throw new UserError('the record supabase_slipway.migration may not be read by this user', {
      hint: 'Connect as the role that initialised the database, or as a superuser.',
    });
  }
  const { rows } = await client.query<LedgerEntry>(`
    SELECT DISTINCT ON (file) file, sha256, version, applied_at AS "appliedAt",
      (1000 * extract(epoch FROM duration))::float8 AS "durationMs"
    FROM supabase_slipway.migration ORDER BY file, id DESC`);
  return new Map(rows.map((entry) => [entry.file, entry]));
}

/** Makes the record where it is missing. */
export function ensureLedger(connection: ConnectionConfig): Promise<void> {
  return runOwn(connection, 'ledger.sql', {});
}

export function recordScript(
  connection: ConnectionConfig,
  { name, sha256 }: Script,
  { version, durationMs }: { version: string; durationMs: number },
): Promise<void> {
  return runOwn(connection, 'record.sql', { file: name, sha256, version, seconds: (durationMs / 1000).toFixed(3) });
}

/** The Job's shell script runs the same files with psql. */
async function runOwn(connection: ConnectionConfig, name: string, variables: Record<string, string>): Promise<void> {
  const { errors } = await runScript({ connection, file: supabasePath(name), variables, env: {}, printErrors: false });
  if (errors.length > 0)
    throw new UserError(`the record supabase_slipway.migration: ${errors.map(describe).join('\n')}`);
}
