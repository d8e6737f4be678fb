import type { DefaultPrivilegesEntry, GrantsEntry } from './services-file.js';
import type { DefaultPrivilege, Grant } from './types.js';

const onSchemas = [
  ['schemas', 'schema'],
  ['tables', 'tables'],
  ['sequences', 'sequences'],
  ['functions', 'functions'],
] as const;

/** One grant for each object that the entry names. */
export function resolveGrants(entry: GrantsEntry = {}): readonly Grant[] {
  const onDatabase: Grant[] =
    entry.database === undefined ? [] : [{ on: 'database', privileges: normalized(entry.database) }];
  const inSchemas = onSchemas.flatMap(([key, on]) =>
    Object.entries(entry[key] ?? {}).map(([schema, privileges]) => ({
      on,
      schema,
      privileges: normalized(privileges),
    })),
  );
  return [...onDatabase, ...inSchemas];
}

const kinds = ['tables', 'sequences', 'functions', 'types', 'schemas'] as const;

/** One ALTER DEFAULT PRIVILEGES for each role, schema and kind of object. */
export function resolveDefaultPrivileges(entries: readonly DefaultPrivilegesEntry[] = []): readonly DefaultPrivilege[] {
  return entries.flatMap(({ forRole, inSchemas = [undefined], ...entry }) =>
    inSchemas.flatMap((schema) =>
      kinds.flatMap((kind) => {
        const privileges = entry[kind];
        return privileges === undefined ? [] : [{ forRole, schema, kind, privileges: normalized(privileges) }];
      }),
    ),
  );
}

/** ALL alone says everything; TEMP is TEMPORARY's other name. */
function normalized(privileges: readonly string[]): readonly string[] {
  if (privileges.includes('ALL')) return ['ALL'];
  return [...new Set(privileges.map((privilege) => (privilege === 'TEMP' ? 'TEMPORARY' : privilege)))];
}
