import { UserError } from '../errors.js';
import type { Io } from './run.js';

/** The `migrator` executable. */
export async function migrator(_io: Io): Promise<number> {
  throw new UserError("'migrator' is not built yet", {
    hint: 'it will apply and check migrations; see CHANGELOG.md for what is there',
  });
}
