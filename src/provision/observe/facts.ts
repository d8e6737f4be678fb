import type pg from 'pg';
import { jsonValues, sessionSettings } from '../server.js';
import type { ServerFacts } from './observed.js';

/** Readies the session for our queries and answers what kind of server this is and what we may do on it: one round trip. */
export async function observeFacts(client: pg.Client): Promise<ServerFacts> {
  const [facts] = await jsonValues(client, [sessionSettings, query]);
  return facts as ServerFacts;
}

/** Only what we made ourselves, or what a superuser made, is taken for our record: a table of a stranger could carry triggers. */
const query = `SELECT jsonb_build_object(
  'version', current_setting('server_version_num')::int,
  'user', current_user,
  'isSuperuser', me.rolsuper,
  'isStandby', pg_is_in_recovery(),
  'readsVerifiers', has_table_privilege('pg_catalog.pg_authid', 'SELECT'),
  'record', CASE
    WHEN EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_roles o ON o.oid = relowner
      WHERE nspname = 'slipway' AND relname = 'provision_database' AND (o.rolsuper OR o.oid = me.oid)
        AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'INSERT')) THEN 'there'
    WHEN EXISTS (SELECT FROM pg_namespace n WHERE nspname = 'slipway' AND nspowner <> me.oid) THEN 'impossible'
    WHEN has_database_privilege(current_database(), 'CREATE') THEN 'possible'
    ELSE 'impossible' END,
  'statisticsEpoch', concat_ws(' ', (SELECT system_identifier FROM pg_control_system()),
    (SELECT stats_reset FROM pg_stat_bgwriter)))
FROM pg_roles me WHERE me.rolname = current_user`;
