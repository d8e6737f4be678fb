import { UserError } from '../errors.js';

/** Something wrong with the files of the migration directory. */
export interface Fault {
  /** The migration's name, or of what ought to be one the name as it stands in the directory. */
  readonly migration: string;
  /** File, relative to the migration directory when it lies in there, and line. */
  readonly place: string;
  readonly message: string;
  /** What is not there, of a migration that lacks something. */
  readonly missing?: readonly ('up.sql' | 'down.sql')[];
  /** What to do about it, where that is not plain. */
  readonly hint?: string;
}

/** All faults in one error; a fault's remedy is said once. */
export function faultsError(faults: readonly Fault[], directory: string): UserError {
  const lines = faults.map(({ place, message }) => `  ${place}: ${message}`);
  const hints = new Set(faults.flatMap(({ hint }) => (hint === undefined ? [] : [hint])));
  return new UserError(`the migrations in ${directory} cannot be used as they are\n${lines.join('\n')}`, {
    hint: hints.size === 0 ? undefined : [...hints].join('\n'),
  });
}
