import { resolve } from 'node:path';
import { below, type Report } from '../../document/faults.js';
import type { CompleteEntry } from './defaults.js';
import { resolveDefaultPrivileges, resolveGrants } from './grants.js';
import { resolveReference, type Surroundings } from './references.js';
import type { OwnerEntry, SqlEntry } from './services-file.js';
import { resolveSettings } from './settings.js';
import type { DatabaseSpec, SecretReference, ServiceSpec, SqlFile, UserSpec } from './types.js';

/** One entry as a service of its own, its database and user not yet joined with those of other services. */
export function resolveService(
  name: string,
  line: number,
  entry: CompleteEntry,
  surroundings: Surroundings,
  report: Report,
): ServiceSpec {
  return {
    name,
    line,
    database: resolveDatabase(entry),
    user: resolveUser(entry, resolvePassword(entry, surroundings, report)),
    settingsInDatabase: resolveSettings(entry.settingsInDatabase),
    grants: resolveGrants(entry.grants),
    defaultPrivileges: resolveDefaultPrivileges(entry.defaultPrivileges),
    sql: (entry.sql ?? []).map((item) => resolveSql(item, surroundings.directory)),
    isolation: entry.isolation ?? false,
  };
}

function resolveDatabase({ database, user, owner, publicConnect, schemas, extensions }: CompleteEntry): DatabaseSpec {
  const { name, connectionLimit, settings, ...creation } = database;
  return {
    name,
    owner: ownerName(owner, user),
    creation: {
      template: creation.template,
      encoding: creation.encoding,
      localeProvider: creation.localeProvider,
      locale: creation.locale,
      collate: creation.collate,
      ctype: creation.ctype,
      icuLocale: creation.icuLocale,
      builtinLocale: creation.builtinLocale,
    },
    connectionLimit: count(connectionLimit),
    settings: resolveSettings(settings),
    publicConnect,
    schemas: named(schemas).map(([schema, said]) => ({ name: schema, owner: ownerName(said?.owner ?? 'keep', user) })),
    extensions: named(extensions).map(([extension, said]) => ({
      name: extension,
      schema: said?.schema,
      version: said?.version,
    })),
  };
}

function resolveUser(entry: CompleteEntry, password: SecretReference): UserSpec {
  return {
    name: entry.user,
    password,
    passwordPolicy: entry.passwordPolicy,
    connectionLimit: count(entry.connectionLimit),
    validUntil: entry.validUntil,
    settings: resolveSettings(entry.settings),
    memberOf: entry.memberOf ?? [],
  };
}

function resolvePassword(
  { password, generate = false }: CompleteEntry,
  surroundings: Surroundings,
  report: Report,
): SecretReference {
  const reference = resolveReference(password, surroundings, below(report, 'password'));
  if (reference.kind === 'vault') return { ...reference, generate };
  if (generate) report(['generate'], 'only a secret in Vault can be generated, and this password is not in Vault');
  return reference;
}

function resolveSql(item: string | SqlEntry, directory: string): SqlFile {
  const { file, run = 'once', as = 'admin' } = typeof item === 'string' ? { file: item } : item;
  return { path: resolve(directory, file), name: file, run, as };
}

function ownerName(owner: OwnerEntry, user: string): string | undefined {
  if (typeof owner === 'object') return owner.role;
  return owner === 'service' ? user : undefined;
}

function count(value: number | string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function named<T>(entries: readonly string[] | Readonly<Record<string, T | null>> = []): readonly [string, T?][] {
  if (Array.isArray(entries)) return entries.map((name) => [name]);
  return Object.entries(entries).map(([name, said]) => [name, said ?? undefined]);
}
