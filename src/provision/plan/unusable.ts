import { messageOf, UserError } from '../../errors.js';
import { quoteIdentifier } from '../../sql/quote.js';
import type { ObservedDatabase } from '../observe/observed.js';
import { shown } from './item.js';

/** Why nothing can be done in a database that exists. @param refusal what connecting to it came to, when it failed */
export function unusableDatabase(
  { name, connectionLimit, allowsConnections }: ObservedDatabase,
  refusal: unknown,
): { reason: string; hint?: string | undefined } | undefined {
  if (connectionLimit === -2) {
    return {
      reason: `database ${shown(name)} is what an interrupted DROP DATABASE has left`,
      hint: `Nothing in it can be saved. Run DROP DATABASE ${quoteIdentifier(name)}, then it will be made anew.`,
    };
  }
  if (!allowsConnections) {
    return {
      reason: `database ${shown(name)} allows no connections`,
      hint: `If that is not meant to be so: ALTER DATABASE ${quoteIdentifier(name)} ALLOW_CONNECTIONS true.`,
    };
  }
  if (refusal === undefined) return undefined;
  return { reason: messageOf(refusal), hint: refusal instanceof UserError ? refusal.hint : undefined };
}
