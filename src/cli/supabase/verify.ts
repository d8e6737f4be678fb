import type { Command } from 'commander';
import { UserError } from '../../errors.js';
import type { Io } from '../run.js';
import { type DatabaseFlags, databaseCommand } from './command.js';
import { printStatus } from './status.js';

/** `slipway supabase verify`. */
export function verifyCommand(io: Io): Command {
  return databaseCommand(
    'verify',
    'look whether all files were run and the catalogs hold what they make; status 1 if not',
  )
    .option('--json', 'print it as JSON')
    .action(async (url: string | undefined, { json, ...flags }: DatabaseFlags & { json?: boolean }) => {
      const { isComplete, isTrue, server } = await printStatus(io, url, flags, json);
      const hint = `run: slipway supabase init`;
      if (!isTrue) throw new UserError(`database ${server.database} has not all that its record says`, { hint });
      if (!isComplete)
        throw new UserError(`database ${server.database} has not had all files as they are now`, { hint });
    });
}
