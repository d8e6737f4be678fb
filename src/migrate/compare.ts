import { isOlderHash } from './hash.js';
import type { AppliedRow, History, Unfinished } from './history.js';
import type { Migration } from './migration.js';
import { byName } from './name.js';
import { type Adoption, adopt } from './squash/adopt.js';

/** An applied migration that is on disk too. */
export interface AppliedMigration {
  readonly row: AppliedRow;
  readonly migration: Migration;
}

/** What the database has, held against what is on disk. Every list is in the order of names. */
export interface Comparison {
  /** With squashed migrations in the place of those that they stand for. */
  readonly history: History;
  /** What the database's own history does not say yet of that. */
  readonly adoptions: readonly Adoption[];
  readonly migrations: readonly Migration[];
  readonly applied: readonly AppliedMigration[];
  /** Those of `applied` whose text is not the one that was applied. */
  readonly edited: readonly AppliedMigration[];
  /** Rows whose files are gone. */
  readonly missing: readonly AppliedRow[];
  readonly pending: readonly Migration[];
  /** Those of `pending` that are older than the last one applied. */
  readonly late: readonly Migration[];
  /** Begun without a transaction, and not finished. */
  readonly unfinished: readonly Unfinished[];
}

/** Where the applied migrations stop being the first ones on disk. */
export interface Mismatch {
  /** Counted from 1. */
  readonly position: number;
  readonly database: string | undefined;
  readonly filesystem: string | undefined;
}

export function compare(recorded: History, migrations: readonly Migration[]): Comparison {
  const { history, adoptions } = adopt(recorded, migrations);
  const rows = new Map(history.applied.map((row) => [row.name, row]));
  const onDisk = new Set(migrations.map(({ name }) => name));
  const applied: AppliedMigration[] = [];
  const pending: Migration[] = [];
  for (const migration of migrations) {
    const row = rows.get(migration.name);
    if (row === undefined) pending.push(migration);
    else applied.push({ row, migration });
  }
  const last = history.applied.at(-1)?.name ?? '';
  return {
    history,
    adoptions,
    migrations,
    applied,
    edited: applied.filter(isEdited),
    missing: history.applied.filter(({ name }) => !onDisk.has(name)),
    pending,
    late: pending.filter(({ name }) => byName(name, last) < 0),
    unfinished: history.unfinished,
  };
}

/** The first position at which the two lists differ; undefined when what is applied is a prefix of what is on disk. */
export function firstMismatch({ history, migrations }: Comparison): Mismatch | undefined {
  const index = history.applied.findIndex(({ name }, at) => migrations[at]?.name !== name);
  if (index === -1) return undefined;
  return { position: index + 1, database: history.applied[index]?.name, filesystem: migrations[index]?.name };
}

function isEdited({ row, migration: { up } }: AppliedMigration): boolean {
  return row.hash !== up.hash && !isOlderHash(row.hash, up.sources[0].bytes);
}
