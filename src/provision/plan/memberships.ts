import { quoteIdentifier } from '../../sql/quote.js';
import type { Observed, ObservedRole } from '../observe/observed.js';
import { type Residence, rolesOf } from '../wishes.js';
import { type Decision, faultsOf, type Item, join, shown } from './item.js';
import type { Login } from './users.js';

/** Memberships that a user is to have. @param names roles that exist, or will when this is done */
export function planMemberships(
  { user, services }: Login,
  roles: ReadonlyMap<string, ObservedRole>,
  names: ReadonlySet<string>,
): Decision {
  const held = new Set(roles.get(user.name)?.memberships.map(({ role }) => role));
  return join(
    user.memberOf.map((role): Decision => {
      const object = `membership of ${shown(user.name)} in ${shown(role)}`;
      if (!names.has(role)) return { items: [], faults: faultsOf(services, { object, ...missingRole(role) }) };
      const sql = `GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(user.name)}`;
      const summary = `make ${shown(user.name)} a member of ${shown(role)}`;
      const steps = held.has(role) ? [] : [{ action: 'grant', summary, sql } as const];
      return { items: [{ object, services, steps }], faults: [] };
    }),
  );
}

export function missingRole(role: string): { reason: string; hint: string } {
  return {
    reason: `there is no role ${shown(role)}`,
    hint: 'Make it first, or let a service of this file have it as its user.',
  };
}

/**
 * An administrator that is no superuser can only give databases and schemas to roles, and set default privileges for roles, that it
 * is a member of; from version 16 on it may administer the roles that it has made without being one (documentation, "CREATE ROLE").
 */
export function planOwnMemberships(
  { server, roles }: Pick<Observed, 'server' | 'roles'>,
  found: readonly Residence[],
): readonly Item[] {
  if (server.isSuperuser) return [];
  const own = roles.get(server.user)?.memberships ?? [];
  return [...actedFor(found)]
    .filter(([role]) => role !== server.user)
    .map(([role, services]) => {
      const held = own.filter((membership) => membership.role === role);
      const isHeld = held.some(({ inherit }) => inherit) && held.some(({ set }) => set);
      const options = server.version < 160000 ? '' : ' WITH INHERIT TRUE, SET TRUE';
      const sql = `GRANT ${quoteIdentifier(role)} TO CURRENT_USER${options}`;
      const summary = `let ${shown(server.user)} act as ${shown(role)}`;
      const steps = isHeld ? [] : [{ action: 'grant', summary, sql } as const];
      return { object: `membership of ${shown(server.user)} in ${shown(role)}`, services, steps };
    });
}

/** Roles that the administrator acts for, and the services that this is for. */
function actedFor(found: readonly Residence[]): ReadonlyMap<string, readonly string[]> {
  const roles = new Map<string, string[]>();
  for (const residence of found) {
    const { database, services } = residence;
    const owners = [database.owner, ...database.schemas.map(({ owner }) => owner)];
    const named = new Set([
      ...owners,
      ...services.flatMap(({ defaultPrivileges }) => defaultPrivileges.map(({ forRole }) => forRole)),
      ...services.flatMap(({ user, sql }) => (sql.some(({ as }) => as === 'service') ? [user.name] : [])),
    ]);
    for (const role of rolesOf(residence)) {
      if (!named.has(role)) continue;
      roles.set(role, [...(roles.get(role) ?? []), ...services.map(({ name }) => name)]);
    }
  }
  return roles;
}
