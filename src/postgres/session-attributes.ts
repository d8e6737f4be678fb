import type pg from 'pg';

/**
 * Why a session does not have the wanted `target_session_attrs`; undefined when it does (libpq, "target_session_attrs").
 * The texts are libpq's.
 */
export async function suitsSession(client: pg.Client, wanted: string): Promise<string | undefined> {
  if (wanted === 'any') return undefined;
  const isStandbyMatter = wanted === 'primary' || wanted === 'standby';
  const question = isStandbyMatter ? 'SELECT pg_catalog.pg_is_in_recovery() AS answer' : readOnlyQuestion;
  const { rows } = await client.query<{ answer: boolean }>(question);
  const isSo = rows[0]?.answer === true;
  return isSo === wantsTrue[wanted] ? undefined : refusals[wanted];
}

const readOnlyQuestion =
  "SELECT pg_catalog.current_setting('transaction_read_only') = 'on' OR pg_catalog.pg_is_in_recovery() AS answer";

const wantsTrue: Readonly<Record<string, boolean>> = {
  'read-write': false,
  'read-only': true,
  primary: false,
  standby: true,
};

const refusals: Readonly<Record<string, string>> = {
  'read-write': 'session is read-only',
  'read-only': 'session is not read-only',
  primary: 'server is in hot standby mode',
  standby: 'server is not in hot standby mode',
};
