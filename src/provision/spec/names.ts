import type { Path, Report } from '../../document/faults.js';
import type { Grant, ServiceSpec } from './types.js';

/** Longest name that PostgreSQL keeps whole (NAMEDATALEN - 1); it cuts longer ones with a mere NOTICE. */
const maxNameBytes = 63;

/** Why a name can stand for nothing in PostgreSQL; undefined for a good one. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'a name must not be empty';
  if (name.includes('\0')) return 'a name must not hold a NUL character';
  if (/\p{Surrogate}/u.test(name)) return 'a name must be well-formed Unicode; this holds half of a surrogate pair';
  const bytes = Buffer.byteLength(name);
  if (bytes > maxNameBytes) return `${JSON.stringify(name)} has ${bytes} bytes; PostgreSQL keeps only ${maxNameBytes}`;
  const [placeholder] = /\{[A-Za-z]+\}/.exec(name) ?? [];
  if (placeholder !== undefined) return `unknown placeholder ${placeholder}; there is {name}, the service's name`;
  return undefined;
}

/** Why a role of this name cannot be made (PostgreSQL's IsReservedName and check_rolespec_name). */
export function roleNameFault(name: string): string | undefined {
  if (name === 'public' || name === 'none') return `${JSON.stringify(name)} is a reserved word, no role can have it`;
  if (name.startsWith('pg_')) return `${JSON.stringify(name)}: names that begin with pg_ are PostgreSQL's own`;
  return nameFault(name);
}

/** Why a schema of this name cannot be made. */
export function schemaNameFault(name: string): string | undefined {
  if (name.startsWith('pg_')) return `${JSON.stringify(name)}: names that begin with pg_ are PostgreSQL's own`;
  return nameFault(name);
}

/** Reports every name of a service that cannot be used, at the key that gives it. */
export function checkNames({ name, database, user, ...service }: ServiceSpec, report: Report): void {
  const check = (value: string | undefined, fault: (name: string) => string | undefined, ...path: Path) => {
    const message = value === undefined ? undefined : fault(value);
    if (message !== undefined) report(path, message);
  };
  const isOfBoth = database.name === name && user.name === name;
  check(database.name, isOfBoth ? roleNameFault : nameFault, ...(database.name === name ? [] : ['database']));
  if (!isOfBoth) check(user.name, roleNameFault, ...(user.name === name ? [] : ['user']));
  if (database.owner !== user.name) check(database.owner, nameFault, 'owner');
  for (const schema of database.schemas) {
    check(schema.name, schemaNameFault, 'schemas', schema.name);
    check(schema.owner, nameFault, 'schemas', schema.name, 'owner');
  }
  for (const extension of database.extensions) {
    check(extension.name, nameFault, 'extensions', extension.name);
    check(extension.schema, nameFault, 'extensions', extension.name, 'schema');
  }
  for (const [index, role] of user.memberOf.entries()) check(role, nameFault, 'memberOf', index);
  for (const grant of service.grants) {
    if (grant.on !== 'database') check(grant.schema, nameFault, 'grants', keyOf(grant.on), grant.schema);
  }
  for (const { forRole, schema } of service.defaultPrivileges) {
    check(forRole, nameFault, 'defaultPrivileges');
    check(schema, nameFault, 'defaultPrivileges');
  }
}

function keyOf(on: Exclude<Grant['on'], 'database'>): string {
  return on === 'schema' ? 'schemas' : on;
}
