import type { BackupEntry } from './entry.js';

/** What a backup holds, after reading all of it. */
export interface BackupFacts {
  /** Major version of PostgreSQL. */
  readonly major: number;
  readonly files: number;
  /** Bytes of the files once unpacked. */
  readonly bytes: number;
  /** Whether a manifest confirmed every file's checksum. */
  readonly verified: boolean;
  /** Taken from a running server, so that it needs the WAL of that time to become consistent. */
  readonly needsWal: boolean;
  readonly walSegments: number;
  /** standby.signal, recovery.signal and recovery.conf, as far as they are there. */
  readonly signals: readonly string[];
  /** OIDs of its tablespaces. */
  readonly tablespaces: readonly string[];
  /** Text of the configuration files, which may stand elsewhere on the server that the backup is of. */
  readonly conf: string;
  readonly autoConf: string;
}

/** Files whose text counts, by their paths. */
const telling = new Set(['PG_VERSION', 'postgresql.conf', 'postgresql.auto.conf']);

/** Gathers facts from the entries of a backup. */
export class FactGatherer {
  readonly #texts = new Map<string, string>();
  readonly #paths = new Set<string>();
  readonly #tablespaces = new Set<string>();
  #files = 0;
  #bytes = 0;
  #walSegments = 0;

  /** Whether the content of this entry has to come to `text`. */
  enter({ path, type, size }: BackupEntry): boolean {
    const tablespace = /^pg_tblspc\/(\d+)/.exec(path)?.[1];
    if (tablespace !== undefined) this.#tablespaces.add(tablespace);
    if (/^pg_wal\/[0-9A-F]{24}$/.test(path)) this.#walSegments += 1;
    if (!path.includes('/') || path === 'global/pg_control') this.#paths.add(path);
    if (type === 'directory') return false;
    this.#files += 1;
    this.#bytes += size;
    return telling.has(path);
  }

  text(path: string, text: string): void {
    this.#texts.set(path, text);
  }

  /** What makes a data directory and is not there. */
  missing(): readonly string[] {
    return ['PG_VERSION', 'global/pg_control', 'base'].filter((path) => !this.#paths.has(path));
  }

  facts(verified: boolean): BackupFacts {
    return {
      major: Number.parseInt(this.#texts.get('PG_VERSION') ?? '', 10),
      files: this.#files,
      bytes: this.#bytes,
      verified,
      needsWal: this.#paths.has('backup_label'),
      walSegments: this.#walSegments,
      signals: ['standby.signal', 'recovery.signal', 'recovery.conf'].filter((path) => this.#paths.has(path)),
      tablespaces: [...this.#tablespaces],
      conf: this.#texts.get('postgresql.conf') ?? '',
      autoConf: this.#texts.get('postgresql.auto.conf') ?? '',
    };
  }
}
