import { UserError } from '../errors.js';

/** Limits on what a migration waits for; milliseconds, 0 for none. */
export interface Limits {
  /** Undefined: 5 s inside a transaction, none outside. */
  readonly lockTimeout: number | undefined;
  /** Undefined: as the role and the database have it. */
  readonly statementTimeout: number | undefined;
  /** How often a migration is tried again that could not get its locks in time. */
  readonly lockRetries: number;
}

export const defaultLimits: Limits = { lockTimeout: undefined, statementTimeout: undefined, lockRetries: 5 };
export const defaultLockTimeout = 5000;

const units: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration as PostgreSQL's settings are written: `5s`, `500ms`, `1min`; a bare number is milliseconds. */
export function parseDuration(text: string): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*(|ms|s|min|h|d)\s*$/.exec(text) ?? [];
  const factor = units[unit ?? '?'];
  const milliseconds = Math.round(Number(number) * (factor ?? Number.NaN));
  if (Number.isNaN(milliseconds) || milliseconds > 2 ** 31 - 1) {
    throw new UserError(`'${text}' is no duration`, {
      hint: 'it is written like 5s, 500ms or 2min; 0 stands for no limit',
    });
  }
  return milliseconds;
}

/** `500 ms`, `5 s`. */
export function shownDuration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${milliseconds / 1000} s`;
}
