import { nameArray } from '../server.js';
import { type AclJson, aclSql, readAcl, readSettings } from './acl.js';
import type { Activity, DatabaseRecord, ObservedDatabase, ServerFacts } from './observed.js';

interface DatabaseRow
  extends Omit<ObservedDatabase, 'acl' | 'settings' | 'roleSettings' | 'record' | 'collationChange'> {
  readonly acl: AclJson;
  readonly settings: readonly string[] | null;
  readonly roleSettings: Readonly<Record<string, readonly string[]>> | null;
  readonly record: DatabaseRecord | null;
  readonly recordedVersion: string | null;
  readonly actualVersion: string | null;
}

/** A query for databases, of one JSON value. */
export function databaseQuery(names: Iterable<string>, facts: ServerFacts): string {
  return `SELECT jsonb_agg(found) FROM (
    SELECT d.oid, datname AS name, pg_get_userbyid(datdba) AS owner, datallowconn AS "allowsConnections",
      datconnlimit AS "connectionLimit", datistemplate AS "isTemplate", pg_encoding_to_char(encoding) AS encoding,
      datcollate AS collate, datctype AS ctype, ${localeColumns(facts.version)},
      ${aclSql('datacl', 'd', 'datdba')} AS acl,
      (SELECT to_jsonb(setconfig) FROM pg_db_role_setting WHERE setrole = 0 AND setdatabase = d.oid) AS settings,
      (SELECT jsonb_object_agg(rolname, to_jsonb(setconfig)) FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole
        WHERE setdatabase = d.oid) AS "roleSettings",
      ${recordColumn(facts)} AS record,
      ${activitySql('d.oid', facts)} AS activity
    FROM pg_database d WHERE datname = ANY (${nameArray(names)})) found`;
}

/** Providers came with version 15, a provider of its own and another name for the locale's column with 17. */
function localeColumns(version: number): string {
  if (version < 150000) return `'libc' AS provider, NULL AS locale, NULL AS "recordedVersion", NULL AS "actualVersion"`;
  const locale = version < 170000 ? 'daticulocale' : 'datlocale';
  return `CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS provider, ${locale} AS locale,
    datcollversion AS "recordedVersion", pg_database_collation_actual_version(d.oid) AS "actualVersion"`;
}

function recordColumn({ record }: ServerFacts): string {
  if (record !== 'there') return 'NULL::jsonb';
  return `(SELECT jsonb_build_object('wishes', wishes, 'epoch', epoch, 'writes', writes)
    FROM slipway.provision_database p WHERE p.oid = d.oid)`;
}

/**
 * Sessions are looked for before the counts are read: one that has ended has reported its counts before (a backend does when it exits,
 * pgstat_shutdown_hook), one that goes on may not have. Before version 15 counts were sent without any promise to arrive,
 * and a server can be told not to count.
 */
export function activitySql(oid: string, { version }: ServerFacts): string {
  const sessions =
    'SELECT s.datid FROM pg_stat_get_activity(NULL) s WHERE s.datid IS NOT NULL AND s.pid <> pg_backend_pid()';
  return `jsonb_build_object(
    'isBusy', ${version < 150000} OR NOT current_setting('track_counts')::boolean OR ${oid} IN (${sessions}),
    'writes', concat_ws(' ', pg_stat_get_db_tuples_inserted(${oid}), pg_stat_get_db_tuples_updated(${oid}),
      pg_stat_get_db_tuples_deleted(${oid}), pg_stat_get_db_stat_reset_time(${oid})))`;
}

/** Reads the answer to `databaseQuery`. */
export function readDatabases(answer: unknown): Map<string, ObservedDatabase> {
  const read = ((answer ?? []) as readonly DatabaseRow[]).map((row): ObservedDatabase => {
    const { recordedVersion: recorded, actualVersion: actual, ...columns } = row;
    const hasChanged = recorded !== null && actual !== null && recorded !== actual;
    return {
      ...columns,
      acl: readAcl(row.acl),
      settings: readSettings(row.settings),
      roleSettings: new Map(
        Object.entries(row.roleSettings ?? {}).map(([role, entries]) => [role, readSettings(entries)]),
      ),
      record: row.record ?? undefined,
      collationChange: hasChanged ? { recorded, actual } : undefined,
      activity: row.activity as Activity,
    };
  });
  return new Map(read.map((database) => [database.name, database]));
}
