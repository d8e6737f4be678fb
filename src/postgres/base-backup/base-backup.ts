import { UserError } from '../../errors.js';
import { type ConnectionConfig, type ConnectionSource, resolveConnection } from '../config.js';
import { type Connected, connect } from '../connect.js';
import { ConnectionLost } from '../request.js';
import { Wire } from '../wire.js';
import { baseBackupCommand } from './command.js';
import { BackupConversation, type OnProgress } from './conversation.js';
import { explainConnection, explainRefusal } from './refusal.js';
import { BackupStreams, type OpenStream } from './streams.js';

export interface BaseBackupOptions {
  /** Gives the stream that takes a file of the backup: `base.tar`, `OID.tar` for each tablespace, and `backup_manifest`. */
  readonly open: OpenStream;
  readonly onProgress?: OnProgress;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes a base backup of a whole server, versions 14 to 18, over the replication protocol; with the WAL that it needs, and a manifest
 * with SHA-256 checksums. Memory does not grow with its size: a stream that is full makes the server wait.
 * Throws what a stream throws, the signal's reason, and a UserError with the remedy when the server does not allow it.
 */
export async function baseBackup(source: ConnectionSource, options: BaseBackupOptions): Promise<void> {
  const connected = await connectForReplication(resolveConnection(source, options.env), options.signal);
  const wire = new Wire(connected);
  const streams = new BackupStreams(options.open, wire);
  const hangUp = () => connected.connection.stream.destroy();
  options.signal?.addEventListener('abort', hangUp);
  let broken: unknown;
  streams.onError = (error) => {
    broken ??= error;
    hangUp();
  };
  try {
    await converse(wire, streams, options.onProgress ?? (() => undefined));
    await streams.end();
  } catch (error) {
    hangUp();
    await streams.abandon();
    options.signal?.throwIfAborted();
    throw broken ?? lost(error);
  } finally {
    options.signal?.removeEventListener('abort', hangUp);
    await wire.close();
  }
}

async function converse(wire: Wire, streams: BackupStreams, onProgress: OnProgress): Promise<void> {
  const major = Number.parseInt(wire.parameters.get('server_version') ?? '', 10);
  const conversation = new BackupConversation(major, streams, onProgress);
  await wire.query(baseBackupCommand(major), conversation);
  if (conversation.refusal !== undefined) throw explainRefusal(conversation.refusal);
}

async function connectForReplication(config: ConnectionConfig, signal: AbortSignal | undefined): Promise<Connected> {
  const conninfo = { ...config.conninfo, replication: 'true', target_session_attrs: 'any' };
  return connect({ ...config, conninfo }, { signal, clientEncoding: 'UTF8' }).catch((error: unknown) => {
    throw explainConnection(error);
  });
}

function lost(error: unknown): unknown {
  if (!(error instanceof ConnectionLost)) return error;
  return new UserError('the server closed the connection in the middle of the base backup', {
    hint: 'Its log says why: database log',
    cause: error,
  });
}
