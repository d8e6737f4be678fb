import type { DatabaseEntry, ServiceEntry } from './services-file.js';

/** What a file without defaults means: the names and rights that the seed's script gives. */
const builtIn: ServiceEntry = {
  database: '{name}',
  user: '{name}',
  password: { vault: 'postgres/{name}', key: 'password' },
  owner: 'keep',
  grants: { database: ['ALL'], schemas: { public: ['ALL'] } },
  passwordPolicy: 'sync',
  publicConnect: 'keep',
};

/** An entry in which the keys that always have a value have one. */
type CertainKey = 'user' | 'password' | 'owner' | 'passwordPolicy' | 'publicConnect';
export type CompleteEntry = Omit<ServiceEntry, 'database' | CertainKey> &
  Required<Pick<ServiceEntry, CertainKey>> & { readonly database: DatabaseEntry & { readonly name: string } };

/**
 * The entry over the file's defaults over the built-in ones, and the service's name put for `{name}`. A key of the entry replaces
 * the default whole; only `database` is joined, so that a service may name another database and keep the default locale.
 */
export function completeEntry(name: string, entry: ServiceEntry, defaults: ServiceEntry): CompleteEntry {
  const database = [builtIn, defaults, entry].map((layer) => databaseEntry(layer.database));
  const merged = { ...builtIn, ...defaults, ...entry, database: Object.assign({}, ...database) };
  return fillIn(merged, name) as CompleteEntry;
}

function databaseEntry(database: string | DatabaseEntry | undefined): DatabaseEntry {
  return typeof database === 'string' ? { name: database } : (database ?? {});
}

/** Puts the service's name for `{name}` in every text and every key. */
function fillIn(value: unknown, name: string): unknown {
  if (typeof value === 'string') return value.replaceAll('{name}', () => name);
  if (Array.isArray(value)) return value.map((item) => fillIn(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.replaceAll('{name}', () => name), fillIn(item, name)]),
  );
}
