import { UserError } from '../../errors.js';
import { ConnectionError } from '../errors.js';
import type { ServerMessage } from '../messages.js';

/** Why a server gives no base backup, by SQLSTATE, with the remedy. */
const remedies: Readonly<Record<string, string>> = {
  '28000':
    "Let the server's pg_hba.conf allow it: host replication ROLE ADDRESS scram-sha-256, then SELECT pg_reload_conf().",
  '42501': 'Let a superuser of that server run: ALTER ROLE … REPLICATION.',
  '53300':
    'Set max_wal_senders (and wal_level = replica) in its configuration, and restart it; or wait for other backups to end.',
  '55000': 'Set wal_level = replica in its configuration, and restart it.',
  '58P01': 'If it removed WAL that the backup needs while it ran, set wal_keep_size on that server, and try again.',
};

/** A refused replication connection, with the remedy that fits; any other error as it is. */
export function explainConnection(error: unknown): unknown {
  const remedy = error instanceof ConnectionError ? remedies[error.sqlstate ?? ''] : undefined;
  if (!(error instanceof ConnectionError) || remedy === undefined) return error;
  return new UserError(`the server allows no base backup: ${error.message}`, { hint: remedy, cause: error });
}

/** BASE_BACKUP itself was refused, or failed on the way. */
export function explainRefusal({ C: sqlstate = '', M: text = '', H: hint }: ServerMessage): UserError {
  return new UserError(`the server's base backup failed: ${text} (SQLSTATE ${sqlstate})`, {
    hint: remedies[sqlstate] ?? hint,
  });
}
