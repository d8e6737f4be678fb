import type { AppliedMigration, Comparison } from './compare.js';
import { isOlderHash } from './hash.js';
import type { Unfinished } from './history.js';
import { byName } from './name.js';

/**
 * `applied`: as it is on disk. `edited`: the files have changed since. `missing`: applied, and not on disk. `failed`: begun without a
 * transaction and not finished.
 */
export type State = 'applied' | 'edited' | 'missing' | 'failed' | 'pending';

export interface MigrationStatus {
  readonly name: string;
  readonly state: State;
  /** ISO 8601; null when it is not applied. */
  readonly appliedAt: string | null;
  /** SHA-256 that the database has; null when it is not applied. */
  readonly hash: string | null;
  /** Pending, and older than the last one applied. */
  readonly outOfOrder?: true;
  /** The row is an older tool's, whose hash covers the entry file alone although that includes others. */
  readonly coversEntryOnly?: true;
  /** The statement at which one that failed stopped, counted from 1. */
  readonly statement?: number;
  readonly error?: string;
}

/** All migrations that are on disk or in the database, in the order of their names. */
export function statusOf(comparison: Comparison): readonly MigrationStatus[] {
  const { applied, edited, missing, pending, late, unfinished } = comparison;
  const failed = new Map(unfinished.map((one) => [one.name, one]));
  const editedNames = new Set(edited.map(({ row }) => row.name));
  const lateNames = new Set(late.map(({ name }) => name));
  const rows: MigrationStatus[] = [
    ...applied.map((one) => ({
      ...appliedStatus(one),
      ...(editedNames.has(one.row.name) ? { state: 'edited' as const } : {}),
    })),
    ...missing.map(({ name, appliedAt, hash }) => ({ name, state: 'missing' as const, appliedAt, hash })),
    ...pending.map(({ name }) => ({
      name,
      state: 'pending' as const,
      appliedAt: null,
      hash: null,
      ...(lateNames.has(name) ? { outOfOrder: true as const } : {}),
    })),
  ];
  const known = new Set(rows.map(({ name }) => name));
  const strays = unfinished
    .filter(({ name }) => !known.has(name))
    .map(({ name }) => ({ name, state: 'failed' as const, appliedAt: null, hash: null }));
  return [...rows, ...strays]
    .map((row) => withFailure(row, failed.get(row.name)))
    .sort((a, b) => byName(a.name, b.name));
}

function appliedStatus({ row: { name, appliedAt, hash }, migration: { up } }: AppliedMigration): MigrationStatus {
  const coversLess = hash !== up.hash && up.sources.length > 1 && isOlderHash(hash, up.sources[0].bytes);
  return { name, state: 'applied', appliedAt, hash, ...(coversLess ? { coversEntryOnly: true } : {}) };
}

function withFailure(row: MigrationStatus, failure: Unfinished | undefined): MigrationStatus {
  if (failure === undefined) return row;
  const { statement, error } = failure;
  return { ...row, state: 'failed', statement, ...(error === undefined ? {} : { error }) };
}

/** 0 up to date, 1 something is pending, 2 something is edited, missing or failed: what `status --check` ends with. */
export function verdictOf(rows: readonly MigrationStatus[]): 0 | 1 | 2 {
  if (rows.some(({ state }) => state === 'edited' || state === 'missing' || state === 'failed')) return 2;
  return rows.some(({ state }) => state === 'pending') ? 1 : 0;
}
