import type { Acl, ObservedContents, ObservedDatabase, ObservedRole } from '../observe/observed.js';
import { allPrivileges, type PrivilegeKind } from '../plan/privileges.js';
import type { DatabaseEntry, GrantsEntry, ServiceEntry, SettingsEntry } from '../spec/services-file.js';
import type { Survey } from './survey.js';

/** Entries for a services file by the service's name, and what could not be said in one. */
export interface Entries {
  readonly services: ReadonlyMap<string, ServiceEntry>;
  readonly remarks: readonly string[];
}

/** Writes one entry for each user that may do something in a database, so that a plan for them has nothing to do. */
export function entriesFor(survey: Survey): Entries {
  const services = new Map<string, ServiceEntry>();
  const remarks: string[] = [];
  for (const database of survey.databases.values()) {
    const contents = survey.contents.get(database.name);
    if (contents === undefined) continue;
    const users = usersOf(database, contents, survey.roles);
    if (users.length === 0 && database.name !== survey.maintenance) {
      remarks.push(`database ${database.name} is left out: no user of its own, only administrators`);
    }
    for (const [index, user] of users.entries()) {
      const fault = unwritable(database.name) ?? unwritable(user.name);
      if (fault !== undefined) {
        remarks.push(fault);
        continue;
      }
      const name = nameFor(user.name, database.name, services);
      const entry = entryFor(user, database, contents, survey, index === 0);
      // The default path is made from the service's name; a user has one password, however many services it has.
      const password = { vault: `postgres/${user.name}`, key: 'password' };
      services.set(name, name === user.name ? entry : { ...entry, password });
    }
  }
  return { services, remarks };
}

/** The file's placeholders cannot be told from a name that looks like one. */
function unwritable(name: string): string | undefined {
  return /\{[A-Za-z]+\}/.test(name) ? `${name} is left out: braces in a name stand for a placeholder` : undefined;
}

/** Users that can log in, and own the database or hold something in it. Superusers need no grants. */
function usersOf(
  { owner, acl }: ObservedDatabase,
  { schemas }: ObservedContents,
  roles: ReadonlyMap<string, ObservedRole>,
): readonly ObservedRole[] {
  const holders = new Set([owner, ...acl.keys()]);
  for (const schema of schemas.values()) for (const holder of [schema.owner, ...schema.acl.keys()]) holders.add(holder);
  return [...roles.values()].filter(({ name, canLogin, isSuperuser }) => holders.has(name) && canLogin && !isSuperuser);
}

function nameFor(user: string, database: string, taken: ReadonlyMap<string, unknown>): string {
  if (!taken.has(user)) return user;
  let name = `${user}_${database}`;
  for (let number = 2; taken.has(name); number++) name = `${user}_${database}_${number}`;
  return name;
}

/** What belongs to the database is said once, by its first service. */
function entryFor(
  user: ObservedRole,
  database: ObservedDatabase,
  contents: ObservedContents,
  { facts }: Survey,
  isFirst: boolean,
): ServiceEntry {
  const inDatabase = settingsEntry(database.roleSettings.get(user.name));
  return {
    database: isFirst ? databaseEntry(database) : database.name,
    user: user.name,
    ...(database.owner === user.name ? { owner: 'service' as const } : {}),
    grants: grantsEntry(user.name, database, contents, facts.version),
    ...(isFirst ? sharedEntry(database, contents, facts.user) : {}),
    ...userEntry(user),
    ...(inDatabase === undefined ? {} : { settingsInDatabase: inDatabase }),
  };
}

function databaseEntry({ name, connectionLimit, settings }: ObservedDatabase): string | DatabaseEntry {
  const said = settingsEntry(settings);
  const entry = {
    name,
    ...(connectionLimit === -1 ? {} : { connectionLimit }),
    ...(said === undefined ? {} : { settings: said }),
  };
  return Object.keys(entry).length === 1 ? name : entry;
}

function sharedEntry(
  { acl }: ObservedDatabase,
  { extensions, schemas }: ObservedContents,
  administrator: string,
): ServiceEntry {
  const named = [...schemas].filter(([name]) => name !== 'public');
  const owned = named.map(([name, { owner }]) => [name, owner === administrator ? null : { owner: { role: owner } }]);
  const isClosed = acl.get('public')?.has('CONNECT') !== true;
  const added = [...extensions.keys()].filter((name) => name !== 'plpgsql');
  return {
    ...(isClosed ? { publicConnect: 'revoke' as const } : {}),
    ...(owned.length === 0 ? {} : { schemas: Object.fromEntries(owned) }),
    ...(added.length === 0 ? {} : { extensions: added }),
  };
}

function userEntry({ connectionLimit, validUntil, settings, memberships }: ObservedRole): ServiceEntry {
  const said = settingsEntry(settings);
  const memberOf = memberships.map(({ role }) => role);
  return {
    ...(connectionLimit === -1 ? {} : { connectionLimit }),
    ...(validUntil === null || validUntil === 'infinity' ? {} : { validUntil }),
    ...(said === undefined ? {} : { settings: said }),
    ...(memberOf.length === 0 ? {} : { memberOf: [...new Set(memberOf)] }),
  };
}

function settingsEntry(settings: ReadonlyMap<string, string> | undefined): SettingsEntry | undefined {
  return settings === undefined || settings.size === 0 ? undefined : Object.fromEntries(settings);
}

function grantsEntry(
  user: string,
  { acl }: ObservedDatabase,
  { schemas }: ObservedContents,
  version: number,
): GrantsEntry {
  const onDatabase = privilegesOf(user, acl, 'database', version);
  const onSchemas = [...schemas].flatMap(([name, schema]) => {
    const privileges = privilegesOf(user, schema.acl, 'schema', version);
    return privileges === undefined ? [] : [[name, privileges] as const];
  });
  return {
    ...(onDatabase === undefined ? {} : { database: onDatabase }),
    ...(onSchemas.length === 0 ? {} : { schemas: Object.fromEntries(onSchemas) }),
  };
}

function privilegesOf(user: string, acl: Acl, kind: PrivilegeKind, version: number): readonly string[] | undefined {
  const held = acl.get(user);
  if (held === undefined) return undefined;
  const all = allPrivileges(kind, version);
  return all.every((privilege) => held.has(privilege)) ? ['ALL'] : all.filter((privilege) => held.has(privilege));
}
