import { ExitCode, UserError } from '../errors.js';
import type { MigrationScript } from './migration.js';

/** A migration could not be applied or undone; exit status 4. */
export class MigrationFailed extends UserError {
  override name = 'MigrationFailed';
  constructor(
    readonly script: Pick<MigrationScript, 'migration' | 'direction'>,
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(message, { ...options, exitCode: ExitCode.migrationFailed });
  }
}

/** `NAME`, or `the undoing of NAME`. */
export function titleOf({ migration, direction }: Pick<MigrationScript, 'migration' | 'direction'>): string {
  return direction === 'up' ? migration : `the undoing of ${migration}`;
}

/** The connection went while COMMIT was under way: only the server knows how it ended. */
export class CommitUnknown extends Error {
  override name = 'CommitUnknown';
  constructor(
    readonly script: MigrationScript,
    cause: unknown,
  ) {
    super(`it is not known whether ${titleOf(script)} was committed`, { cause });
  }
}
