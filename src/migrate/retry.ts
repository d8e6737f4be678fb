/** SQLSTATEs after which a migration that was rolled back may simply be tried again: lock timeout, deadlock. */
const passing: ReadonlySet<string | undefined> = new Set(['55P03', '40P01']);

export function isPassing(sqlstate: string | undefined): boolean {
  return passing.has(sqlstate);
}

const longest = 30_000;

/** Milliseconds before the next attempt, counted from 0: the lock timeout itself (at least 100 ms), then twice as long each time. */
export function retryDelay(attempt: number, lockTimeout: number | undefined): number {
  return Math.min(Math.max(lockTimeout ?? 1000, 100) * 2 ** attempt, longest);
}
