import type { ClientBase } from 'pg';
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js';

/** A setting that a database has of its own, or a role in it. */
export interface DatabaseSetting {
  readonly role: string | null;
  readonly name: string;
  readonly value: string;
}

/**
 * CREATE DATABASE … TEMPLATE together with the template's own settings, which PostgreSQL leaves out: a test would otherwise
 * miss what `ALTER DATABASE … SET` did. `settingsOf` names the database they are read from.
 */
export async function copyDatabase(client: ClientBase, from: string, to: string, settingsOf = from): Promise<void> {
  await client.query(`CREATE DATABASE ${quoteIdentifier(to)} TEMPLATE ${quoteIdentifier(from)}`);
  for (const setting of await databaseSettings(client, settingsOf)) await client.query(assignment(to, setting));
}

export async function dropDatabase(client: ClientBase, name: string): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`);
}

export async function databaseSettings(client: ClientBase, database: string): Promise<readonly DatabaseSetting[]> {
  const { rows } = await client.query<DatabaseSetting>(
    `SELECT r.rolname AS role, split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value
       FROM pg_db_role_setting s
       JOIN pg_database d ON d.oid = s.setdatabase
       LEFT JOIN pg_roles r ON r.oid = s.setrole
      CROSS JOIN unnest(s.setconfig) AS c
      WHERE d.datname = $1`,
    [database],
  );
  return rows;
}

/** Settings stored as a list of quoted names (GUC_LIST_QUOTE in guc_tables.c): their text is SQL already. */
const quotedLists = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

function assignment(database: string, { role, name, value }: DatabaseSetting): string {
  const subject = role === null ? 'DATABASE' : `ROLE ${quoteIdentifier(role)} IN DATABASE`;
  const parameter = name.split('.').map(quoteIdentifier).join('.');
  const list = quotedLists.has(name.toLowerCase()) && value !== '';
  return `ALTER ${subject} ${quoteIdentifier(database)} SET ${parameter} = ${list ? value : quoteLiteral(value)}`;
}
