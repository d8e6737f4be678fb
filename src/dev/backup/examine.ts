import { messageOf, UserError } from '../../errors.js';
import type { BackupEntry, ContentSink } from './entry.js';
import { type BackupFacts, FactGatherer } from './facts.js';
import { type Manifest, parseManifest } from './manifest.js';
import { type BackupSource, readBackup } from './source.js';
import { Verification } from './verification.js';

export interface ExamineOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told how many bytes have been read so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Reads all of a backup, holds every file against the manifest when there is one, and tells what is in it. Writes nothing.
 * @throws UserError when it is no base backup, is damaged, or lacks the WAL that it needs.
 */
export async function examineBackup(source: BackupSource, options: ExamineOptions = {}): Promise<BackupFacts> {
  const gatherer = new FactGatherer();
  const manifest = manifestOf(source);
  const verification = manifest && new Verification(manifest);
  let bytes = 0;
  const count = (length: number) => {
    bytes += length;
    options.onProgress?.(bytes);
  };
  await readBackup(source, (entry) => sinkFor(entry, gatherer, verification, count), options.signal);
  const complete = verification?.finish() ?? false;
  const missing = gatherer.missing();
  if (missing.length > 0) throw notABackup(source.path, missing);
  if (verification !== undefined && verification.faults.length > 0) throw damaged(source.path, verification.faults);
  const facts = gatherer.facts(complete);
  if (facts.needsWal && facts.walSegments === 0) throw withoutWal(source.path);
  return facts;
}

function sinkFor(
  entry: BackupEntry,
  gatherer: FactGatherer,
  verification: Verification | undefined,
  count: (bytes: number) => void,
): ContentSink {
  const isTelling = gatherer.enter(entry);
  const checksum = verification?.enter(entry);
  const pieces: Buffer[] = [];
  return {
    data: (bytes) => {
      count(bytes.length);
      checksum?.update(bytes);
      if (isTelling) pieces.push(Buffer.from(bytes));
    },
    end: () => {
      if (isTelling) gatherer.text(entry.path, Buffer.concat(pieces).toString('utf8'));
      if (checksum !== undefined) verification?.leave(entry.path, checksum);
    },
  };
}

function manifestOf({ path, manifest }: BackupSource): Manifest | undefined {
  try {
    return manifest === undefined ? undefined : parseManifest(manifest);
  } catch (error) {
    throw damaged(path, [`backup_manifest cannot be used: ${messageOf(error)}`]);
  }
}

function notABackup(path: string, missing: readonly string[]): UserError {
  return new UserError(`${path} is not a base backup: it has no ${missing.join(', no ')}`, {
    hint: 'Nothing was changed. A base backup is what database backup or pg_basebackup writes; pg_dump writes something else.',
  });
}

const shownFaults = 5;

function damaged(path: string, faults: readonly string[]): UserError {
  const more = faults.length > shownFaults ? [`  and ${faults.length - shownFaults} more`] : [];
  const lines = [...faults.slice(0, shownFaults).map((fault) => `  ${fault}`), ...more];
  return new UserError([`the backup in ${path} is damaged`, ...lines].join('\n'), {
    hint: 'Nothing was changed. Use another backup.',
  });
}

function withoutWal(path: string): UserError {
  return new UserError(
    `the backup in ${path} cannot be used: it was taken from a running server, and its WAL is missing`,
    {
      hint: 'Put pg_wal.tar (or pg_wal.tar.gz) of the same backup beside base.tar, or take one with its WAL: pg_basebackup -X fetch',
    },
  );
}
