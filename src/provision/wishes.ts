import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ContentsQuestion } from './observe/contents.js';
import type { ObservedRole } from './observe/observed.js';
import type { DatabaseSpec, ProvisionSpec, ServiceSpec } from './spec/types.js';

/** A database and the services that live in it. */
export interface Residence {
  readonly database: DatabaseSpec;
  readonly services: readonly ServiceSpec[];
}

/** The databases of a specification, in the order of the file. */
export function residences({ services }: Pick<ProvisionSpec, 'services'>): readonly Residence[] {
  const groups = new Map<string, { database: DatabaseSpec; services: ServiceSpec[] }>();
  for (const service of services) {
    const { database } = service;
    const group = groups.get(database.name) ?? { database, services: [] };
    group.services.push(service);
    groups.set(database.name, group);
  }
  return [...groups.values()];
}

/** Every role that a residence names. */
export function rolesOf({ database, services }: Residence): ReadonlySet<string> {
  const owners = [database.owner, ...database.schemas.map(({ owner }) => owner)];
  const named = services.flatMap(({ user, defaultPrivileges }) => [
    user.name,
    ...user.memberOf,
    ...defaultPrivileges.map(({ forRole }) => forRole),
  ]);
  return new Set([...named, ...owners.filter((owner) => owner !== undefined)]);
}

/** What has to be read inside a residence's database. */
export function questionOf({ database, services }: Residence): ContentsQuestion {
  const grants = services.flatMap((service) => service.grants);
  const schemasOf = (kind: string) =>
    unique(grants.flatMap((grant) => (grant.on === kind && grant.on !== 'database' ? [grant.schema] : [])));
  const objects = { tables: schemasOf('tables'), sequences: schemasOf('sequences'), functions: schemasOf('functions') };
  const granted = [...schemasOf('schema'), ...Object.values(objects).flat()];
  return {
    objects,
    schemas: unique([...granted, ...database.schemas.map(({ name }) => name)]),
    grantees: unique(services.map(({ user }) => user.name)),
    hasFiles: services.some(({ sql }) => sql.length > 0),
  };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** SHA-256 of each SQL file, in hex, by its path; the system's error for one that cannot be read. */
export type FileDigests = ReadonlyMap<string, string | Error>;

export async function digestFiles({ services }: ProvisionSpec): Promise<FileDigests> {
  const paths = unique(services.flatMap(({ sql }) => sql.map(({ path }) => path)));
  return new Map(await Promise.all(paths.map(async (path) => [path, await digestFile(path)] as const)));
}

async function digestFile(path: string): Promise<string | Error> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  } catch (error) {
    return error as Error;
  }
}

/** Digest of everything that decides what is to be done inside a database, apart from its contents. */
export function digestWishes(
  residence: Residence,
  roles: ReadonlyMap<string, ObservedRole>,
  files: FileDigests,
  version: number,
): string {
  const { database, services } = residence;
  const wishes = services.map(({ name, user, grants, defaultPrivileges, sql }) => {
    const scripts = sql.map(({ path, ...script }) => [script.name, script.run, script.as, files.get(path)]);
    return [name, user.name, grants, defaultPrivileges, scripts];
  });
  const oids = [...rolesOf(residence)].map((role) => [role, roles.get(role)?.oid]);
  const all = [version, database.schemas, database.extensions, wishes, oids];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}
