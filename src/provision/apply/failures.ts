import { codeOf, messageOf, UserError } from '../../errors.js';
import { ConnectionError } from '../../postgres/errors.js';

/** Why something could not be done, and what can be done about it. */
export interface Failure {
  readonly reason: string;
  readonly hint?: string | undefined;
}

/** Remedies by SQLSTATE (documentation, "PostgreSQL Error Codes"); the server's own message says what happened. */
const remedies: Readonly<Record<string, string>> = {
  '01006': 'The privilege was granted by another role; revoke it as that role, or as a superuser after REASSIGN.',
  '01007':
    'The administrator may not grant here: let the owner of the object grant it WITH GRANT OPTION, or connect as the owner or a superuser.',
  '22023': 'A locale or encoding of its own needs template: template0.',
  '25001': 'SQL files run in one transaction; put COMMIT; before a statement that cannot.',
  '25006': 'This server is a read-only standby; name the primary, or several hosts with target_session_attrs=primary.',
  '28000': 'pg_hba.conf of the server has to let this user in.',
  '2BP01': 'Other objects depend on it; move or drop them first (REASSIGN OWNED, DROP OWNED).',
  '42501':
    'The administrator lacks the right: it has to be a superuser, or have CREATEROLE and CREATEDB and ADMIN OPTION on the roles concerned.',
  '42939': 'Names that begin with pg_, and a few words such as public, belong to the server; choose another one.',
  '53300': 'All connection slots are taken: end idle sessions, raise max_connections, or lower --parallel.',
  '55006':
    'Somebody is connected to it. End that session, or for a template set the template of the database to template0.',
  '57P03': 'The server is starting up or recovering; --wait 120s waits for it.',
};

/** A failure of the server, the network or ourselves as data; no secret is in the server's messages. */
export function failureOf(error: unknown): Failure {
  const hint = error instanceof UserError ? error.hint : undefined;
  const code = error instanceof ConnectionError ? error.sqlstate : sqlstateOf(error);
  const reason = code === undefined ? messageOf(error) : `${messageOf(error)} (SQLSTATE ${code})`;
  return { reason, hint: hint ?? (code === undefined ? undefined : remedies[code]) };
}

function sqlstateOf(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Whether a failure came of another session doing the same at the same moment, so that trying again is the answer. */
export function isRace(error: unknown): boolean {
  const code = codeOf(error);
  if (code === 'XX000') return /tuple concurrently (updated|deleted)/.test(messageOf(error));
  // A unique index of the catalogs, hit between the server's own look and its insert.
  return code === '23505' || code === '40001' || code === '40P01';
}

/** What CREATE says when the object has come into being meanwhile: the wish is met, and what is left of it will be seen afterwards. */
export function isThereAlready(error: unknown): boolean {
  return ['42710', '42P04', '42P06'].includes(codeOf(error) ?? '');
}
