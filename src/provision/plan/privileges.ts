/** Kinds of objects that privileges are granted on, as specifications name them. */
export type PrivilegeKind = 'database' | 'schema' | 'schemas' | 'tables' | 'sequences' | 'functions' | 'types';

/** What ALL means, by kind (documentation, "Privileges", table "Summary of Access Privileges"). */
const all: Readonly<Record<PrivilegeKind, readonly string[]>> = {
  database: ['CREATE', 'TEMPORARY', 'CONNECT'],
  schema: ['USAGE', 'CREATE'],
  schemas: ['USAGE', 'CREATE'],
  tables: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'],
  sequences: ['USAGE', 'SELECT', 'UPDATE'],
  functions: ['EXECUTE'],
  types: ['USAGE'],
};

/** Since which version a privilege is part of ALL. */
const later: Partial<Record<PrivilegeKind, { readonly since: number; readonly privilege: string }>> = {
  tables: { since: 170000, privilege: 'MAINTAIN' },
};

/** The privileges that a list in a specification means on a server, under the names that `aclexplode` gives them. */
export function expandPrivileges(
  kind: PrivilegeKind,
  privileges: readonly string[],
  version: number,
): ReadonlySet<string> {
  const known = allPrivileges(kind, version);
  return new Set(privileges.flatMap((name) => (name === 'ALL' ? known : [name === 'TEMP' ? 'TEMPORARY' : name])));
}

/** Every privilege that a server knows for a kind of object. */
export function allPrivileges(kind: PrivilegeKind, version: number): readonly string[] {
  const extra = later[kind];
  return extra !== undefined && version >= extra.since ? [...all[kind], extra.privilege] : all[kind];
}

/** What is missing from a user's privileges, and what it has beyond its wishes. */
export function comparePrivileges(
  wanted: ReadonlySet<string>,
  held: ReadonlySet<string> = new Set(),
): { readonly missing: readonly string[]; readonly excess: readonly string[] } {
  return {
    missing: [...wanted].filter((privilege) => !held.has(privilege)),
    excess: [...held].filter((privilege) => !wanted.has(privilege)),
  };
}
