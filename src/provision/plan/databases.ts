import { quoteIdentifier } from '../../sql/quote.js';
import type { Acl, Observed, ObservedDatabase } from '../observe/observed.js';
import type { DatabaseSpec } from '../spec/types.js';
import type { Residence } from '../wishes.js';
import { creationFault, creationSql, differenceFromCreation } from './creation.js';
import { type GrantTarget, holdingItem, holdingsOf, ownedBy } from './grants.js';
import { type Decision, faultsOf, type Item, join, type Step, shown } from './item.js';
import { missingRole } from './memberships.js';
import { settingSteps } from './settings.js';
import { unusableDatabase } from './unusable.js';

/** What is to be done to a database from outside: itself, its settings and the privileges on it. */
export function planDatabase(
  residence: Residence,
  observed: Pick<Observed, 'server' | 'databases' | 'unreachable'>,
  roleNames: ReadonlySet<string>,
): Decision {
  const { database } = residence;
  const services = residence.services.map(({ name }) => name);
  const object = `database ${shown(database.name)}`;
  const found = observed.databases.get(database.name);
  const fault = faultWith(database, found, observed, roleNames);
  if (fault !== undefined) return { items: [], faults: faultsOf(services, { object, ...fault }) };
  const own: Item = found === undefined ? newDatabase(database, services) : oldDatabase(database, services, found);
  const items = [own, ...settingsItems(residence, found), ...publicItems(database, services, found)];
  return join([
    { items, faults: [] },
    { items: holdingItems(residence, found, observed.server.version), faults: [] },
  ]);
}

function faultWith(
  database: DatabaseSpec,
  found: ObservedDatabase | undefined,
  { server, databases, unreachable }: Pick<Observed, 'server' | 'databases' | 'unreachable'>,
  roleNames: ReadonlySet<string>,
): { reason: string; hint?: string | undefined } | undefined {
  if (database.owner !== undefined && !roleNames.has(database.owner)) return missingRole(database.owner);
  if (found === undefined) return creationFault(database.creation, databases, server.version);
  return unusableDatabase(found, unreachable.get(database.name));
}

function newDatabase(database: DatabaseSpec, services: readonly string[]): Item {
  const summary = `create database ${shown(database.name)}`;
  const step: Step = { action: 'create', summary, sql: creationSql(database) };
  return { object: `database ${shown(database.name)}`, services, steps: [step] };
}

function oldDatabase(database: DatabaseSpec, services: readonly string[], found: ObservedDatabase): Item {
  const name = quoteIdentifier(database.name);
  const words = `database ${shown(database.name)}`;
  const steps: Step[] = [];
  if (database.owner !== undefined && database.owner !== found.owner) {
    const summary = `give ${words} to ${shown(database.owner)}, from ${shown(found.owner)}`;
    steps.push({
      action: 'change',
      summary,
      sql: `ALTER DATABASE ${name} OWNER TO ${quoteIdentifier(database.owner)}`,
    });
  }
  const { connectionLimit: limit } = database;
  if (limit !== undefined && limit !== found.connectionLimit) {
    const summary = `set the connection limit of ${words} to ${limit}`;
    steps.push({ action: 'change', summary, sql: `ALTER DATABASE ${name} CONNECTION LIMIT ${limit}` });
  }
  return { object: words, services, steps, note: noteOn(database, found) };
}

/** What an existing database has that nobody can or should change here. */
function noteOn({ creation }: DatabaseSpec, found: ObservedDatabase): string | undefined {
  const notes = differenceFromCreation(creation, found);
  const { collationChange: change } = found;
  if (change !== undefined) {
    const remedy = `reindex what is sorted by it, then ALTER DATABASE ${quoteIdentifier(found.name)} REFRESH COLLATION VERSION`;
    notes.push(`made with collation version ${change.recorded}, the system has ${change.actual} now: ${remedy}`);
  }
  return notes.length === 0 ? undefined : notes.join('; ');
}

function settingsItems({ database, services }: Residence, found: ObservedDatabase | undefined): readonly Item[] {
  const words = `database ${shown(database.name)}`;
  const name = quoteIdentifier(database.name);
  const all = services.map((service) => service.name);
  const own = settingSteps(database.settings, found?.settings, words, `ALTER DATABASE ${name}`);
  const items: Item[] =
    database.settings.size === 0 ? [] : [{ object: `settings of ${words}`, services: all, steps: own }];
  for (const { name: service, user, settingsInDatabase } of services) {
    if (settingsInDatabase.size === 0) continue;
    const of = `user ${shown(user.name)} in ${words}`;
    const alter = `ALTER ROLE ${quoteIdentifier(user.name)} IN DATABASE ${name}`;
    const steps = settingSteps(settingsInDatabase, found?.roleSettings.get(user.name), of, alter);
    items.push({ object: `settings of ${of}`, services: [service], steps });
  }
  return items;
}

/** What everybody may do with a database when it is made (documentation, "Privileges"). */
const freshAcl: Acl = new Map([['public', new Set(['CONNECT', 'TEMPORARY'])]]);

function publicItems(database: DatabaseSpec, services: readonly string[], found: ObservedDatabase | undefined): Item[] {
  if (database.publicConnect === 'keep') return [];
  const words = `database ${shown(database.name)}`;
  const isOpen = (found?.acl ?? freshAcl).get('public')?.has('CONNECT') === true;
  const sql = `REVOKE CONNECT ON DATABASE ${quoteIdentifier(database.name)} FROM PUBLIC`;
  const step: Step = { action: 'revoke', summary: `revoke CONNECT on ${words} from PUBLIC`, sql };
  return [{ object: `grants on ${words} for PUBLIC`, services, steps: isOpen ? [step] : [] }];
}

function holdingItems(residence: Residence, found: ObservedDatabase | undefined, version: number): readonly Item[] {
  const { database, services } = residence;
  const isKept = found !== undefined && (database.owner ?? found.owner) === found.owner;
  const target: GrantTarget = {
    sql: `DATABASE ${quoteIdentifier(database.name)}`,
    words: `database ${shown(database.name)}`,
    acl: isKept ? found.acl : ownedBy(found?.acl ?? freshAcl, database.owner, 'database', version),
    owner: database.owner ?? found?.owner,
  };
  return holdingsOf(services, version)
    .filter(({ on }) => on === 'database')
    .map((holding) => holdingItem(holding, target));
}
