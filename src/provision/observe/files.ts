import type pg from 'pg';
import { UserError } from '../../errors.js';
import { jsonValues } from '../server.js';
import { fileKey } from './observed.js';

interface FileRow {
  readonly service: string;
  readonly name: string;
  readonly sha256: string;
}

/**
 * The SQL files that have been run in this database. The record is believed only when the administrator or a superuser owns it: in a
 * database that belongs to a service, the service could have put a table with triggers in its place.
 */
export async function observeFiles(client: pg.Client): Promise<ReadonlyMap<string, string>> {
  const [owner] = (await jsonValues(client, [ownerQuery])) as [{ owner: string; isOurs: boolean } | undefined];
  if (owner === undefined) return new Map();
  if (!owner.isOurs) throw foreignRecord(owner.owner);
  const [rows] = await jsonValues(client, [recordQuery]);
  return new Map(((rows ?? []) as FileRow[]).map(({ service, name, sha256 }) => [fileKey(service, name), sha256]));
}

const recordQuery = `SELECT jsonb_agg(found) FROM (
  SELECT service, name, sha256 FROM slipway.provision_file) found`;

/** The least trusted owner of the record's schema and table; no row when there is no record. */
const ownerQuery = `SELECT jsonb_build_object('owner', o.rolname, 'isOurs', o.rolsuper OR o.rolname = current_user) AS owner
  FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_roles o ON o.oid IN (relowner, nspowner)
  WHERE nspname = 'slipway' AND relname = 'provision_file'
  ORDER BY o.rolsuper OR o.rolname = current_user LIMIT 1`;

function foreignRecord(owner: string): UserError {
  return new UserError(
    `the record of SQL files, slipway.provision_file, belongs to ${owner}, who could have made up what it says`,
    {
      hint: 'Look at what is in schema slipway of that database, and give it to the administrator or drop it.',
    },
  );
}
