import { UserError } from '../../errors.js';

/** A file or directory of a backed up data directory. */
export interface BackupEntry {
  /** Relative to the data directory, without a slash at its end. */
  readonly path: string;
  readonly type: 'file' | 'directory';
  /** Permission bits. */
  readonly mode: number;
  /** Bytes; 0 for a directory. */
  readonly size: number;
}

/** Takes the content of one file. */
export interface ContentSink {
  data(bytes: Buffer): void;
  end(): void;
}

/** Told of every entry in turn; gives what takes its content, if anything shall. May throw to end the reading. */
export type Visit = (entry: BackupEntry) => ContentSink | undefined;

/** A path of an archive as it stands in the data directory; undefined for the directory itself. @throws for one that leads out. */
export function entryPath(prefix: string, name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || parts.includes('..')) throw leadsElsewhere(name);
  const path = [prefix, ...parts].filter((part) => part !== '').join('/');
  return path === '' ? undefined : path;
}

function leadsElsewhere(name: string): UserError {
  return new UserError(`the archive holds ${name}, a path that leads elsewhere`, {
    hint: 'Nothing was changed. No server writes such a backup; use another one.',
  });
}
