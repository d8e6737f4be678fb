import { UserError } from '../errors.js';
import type { Io } from './run.js';

/** The `db-ops` executable. */
export async function dbOps(_io: Io): Promise<number> {
  throw new UserError("'db-ops' is not built yet", {
    hint: 'it will load secrets into any database; see CHANGELOG.md for what is there',
  });
}
