import { quoteIdentifier, quoteLiteral } from '../../sql/quote.js';
import type { ObservedDatabase } from '../observe/observed.js';
import type { DatabaseCreation, DatabaseSpec } from '../spec/types.js';
import { shown } from './item.js';

/** CREATE DATABASE with the clauses that are asked for. */
export function creationSql({ name, owner, creation, connectionLimit }: DatabaseSpec): string {
  const template = templateOf(creation);
  const clauses = [
    `CREATE DATABASE ${quoteIdentifier(name)}`,
    owner === undefined ? undefined : `OWNER ${quoteIdentifier(owner)}`,
    template === undefined ? undefined : `TEMPLATE ${quoteIdentifier(template)}`,
    ...localeClauses(creation),
    connectionLimit === undefined || connectionLimit === -1 ? undefined : `CONNECTION LIMIT ${connectionLimit}`,
  ];
  return clauses.filter((clause) => clause !== undefined).join(' ');
}

/**
 * A locale or an encoding of one's own is only allowed with template0, which holds nothing that could depend on them (documentation,
 * "Template Databases"); without such a wish the server's usual template counts, with what the site has put there.
 */
function templateOf({ template, ...locale }: DatabaseCreation): string | undefined {
  const hasLocale = Object.values(locale).some((value) => value !== undefined);
  return template ?? (hasLocale ? 'template0' : undefined);
}

function localeClauses(creation: DatabaseCreation): (string | undefined)[] {
  const { encoding, localeProvider, locale, collate, ctype, icuLocale, builtinLocale } = creation;
  const clause = (keyword: string, value: string | undefined) =>
    value === undefined ? undefined : `${keyword} ${quoteLiteral(value)}`;
  return [
    clause('ENCODING', encoding),
    localeProvider === undefined ? undefined : `LOCALE_PROVIDER ${localeProvider}`,
    clause('LOCALE', locale),
    clause('LC_COLLATE', collate),
    clause('LC_CTYPE', ctype),
    clause('ICU_LOCALE', icuLocale),
    clause('BUILTIN_LOCALE', builtinLocale),
  ];
}

/** Why the database cannot be made on this server, as far as that can be said before. */
export function creationFault(
  creation: DatabaseCreation,
  databases: ReadonlyMap<string, ObservedDatabase>,
  version: number,
): { reason: string; hint: string } | undefined {
  const since = { libc: 150000, icu: 150000, builtin: 170000 }[creation.localeProvider ?? 'libc'];
  if (creation.localeProvider !== undefined && version < since) {
    const reason = `the server has no locale provider ${creation.localeProvider}`;
    return { reason, hint: `It came with PostgreSQL ${since / 10000}; leave the provider out.` };
  }
  const name = templateOf(creation) ?? 'template1';
  const template = databases.get(name);
  if (template === undefined && creation.template !== undefined) {
    return {
      reason: `there is no database ${shown(name)} to serve as template`,
      hint: 'Make it, or name another template.',
    };
  }
  const change = template?.collationChange;
  if (change === undefined || name === 'template0') return undefined;
  const reason = `template ${shown(name)} was made with collation version ${change.recorded}, the system has ${change.actual} now`;
  const refresh = `ALTER DATABASE ${quoteIdentifier(name)} REFRESH COLLATION VERSION`;
  return {
    reason,
    hint: `Run ${refresh} once its indexes are rebuilt, or set the template of the database to template0.`,
  };
}

/** What an existing database has otherwise than it would be made now. */
export function differenceFromCreation(creation: DatabaseCreation, found: ObservedDatabase): string[] {
  const pairs: readonly (readonly [string, string | undefined, string | null])[] = [
    ['encoding', creation.encoding, found.encoding],
    ['locale provider', creation.localeProvider, found.provider],
    ['collation', creation.collate ?? libcLocale(creation), found.collate],
    ['character type', creation.ctype ?? libcLocale(creation), found.ctype],
    ['ICU locale', creation.icuLocale, found.locale],
    ['built-in locale', creation.builtinLocale, found.locale],
  ];
  return pairs
    .filter(([, wanted, has]) => wanted !== undefined && comparable(wanted) !== comparable(has ?? ''))
    .map(([what, wanted, has]) => `its ${what} is ${has ?? 'none'}, not ${wanted}, which only counts when it is made`);
}

function libcLocale({ locale, localeProvider = 'libc' }: DatabaseCreation): string | undefined {
  return localeProvider === 'libc' ? locale : undefined;
}

/** `utf-8` and `UTF8`, `en_US.utf8` and `en_US.UTF-8` are the same. */
function comparable(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}
