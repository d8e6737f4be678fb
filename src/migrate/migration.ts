import type { Replaced } from './squash/replaces.js';

export type Direction = 'up' | 'down';

/** How a migration stands on disk: NAME/up.sql, NAME/up/entrypoint.sql, or both sections in one NAME.sql. */
export type Layout = 'files' | 'entrypoints' | 'flat';

/** A file that belongs to a migration's text, or a section of one. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** For people, and where the text is kept: relative to the migration directory when it lies in there. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** One direction of a migration. */
export interface MigrationScript {
  readonly migration: string;
  readonly direction: Direction;
  /** The file that is run, absolute. */
  readonly path: string;
  /** Line of the file on which the text begins: 1 but for a section of a flat file. */
  readonly line: number;
  /** The entry, then what it includes, in the order in which it is mentioned, nested includes inside. */
  readonly sources: readonly [SourceFile, ...SourceFile[]];
  /** SHA-256 in lower-case hexadecimal over all sources (see hash.ts). */
  readonly hash: string;
  /** False with `-- migrate:no-transaction`. */
  readonly transactional: boolean;
}

export interface Migration {
  /** YYYYMMDDHHMMSS-name, as in `hectic.migration`. */
  readonly name: string;
  readonly timestamp: string;
  readonly layout: Layout;
  /** Its directory or flat file, absolute. */
  readonly path: string;
  readonly up: MigrationScript;
  /** Undefined when it cannot be undone. */
  readonly down: MigrationScript | undefined;
  /** The migrations that it was squashed from (`-- migrate:replaces`). */
  readonly replaces: readonly Replaced[];
}

/** A text of psql variables by name (`--set`). */
export type Variables = Readonly<Record<string, string>>;
