import { quoteIdentifier } from '../../sql/quote.js';
import type { ObservedContents } from '../observe/observed.js';
import type { DefaultPrivilege } from '../spec/types.js';
import type { Inside } from './contents.js';
import { type Decision, faultsOf, join, type Step, shown } from './item.js';
import { missingRole } from './memberships.js';
import { comparePrivileges, expandPrivileges } from './privileges.js';

/** What is to be said about objects that a role makes in the future. */
export function planDefaultPrivileges(inside: Inside): Decision {
  const { residence, contents, version, roleNames } = inside;
  const wishes = residence.services.flatMap(({ name, user, defaultPrivileges }) =>
    defaultPrivileges.map((wish) => ({ service: name, user: user.name, wish })),
  );
  return join(
    wishes.map(({ service, user, wish }): Decision => {
      const object = `default privileges on ${wish.kind} of ${shown(wish.forRole)}${placeOf(wish, inside)} for ${shown(user)}`;
      if (!roleNames.has(wish.forRole)) {
        return { items: [], faults: faultsOf([service], { object, ...missingRole(wish.forRole) }) };
      }
      const wanted = expandPrivileges(wish.kind, wish.privileges, version);
      const { missing } = comparePrivileges(wanted, heldBy(user, wish, contents));
      const steps = wish.forRole === user && wish.schema === undefined ? [] : grantSteps(user, wish, missing, inside);
      return { items: [{ object, services: [service], steps }], faults: [] };
    }),
  );
}

function placeOf({ schema }: DefaultPrivilege, { residence }: Inside): string {
  const database = shown(residence.database.name);
  return schema === undefined ? ` in ${database}` : ` in schema ${shown(schema)} in ${database}`;
}

function heldBy(user: string, { forRole, schema, kind }: DefaultPrivilege, { defaultPrivileges }: ObservedContents) {
  const found = defaultPrivileges.find((one) => one.forRole === forRole && one.schema === schema && one.kind === kind);
  return found?.acl.get(user);
}

function grantSteps(user: string, wish: DefaultPrivilege, missing: readonly string[], inside: Inside): Step[] {
  if (missing.length === 0) return [];
  const { forRole, schema, kind } = wish;
  const place = schema === undefined ? '' : ` IN SCHEMA ${quoteIdentifier(schema)}`;
  const summary = `grant ${missing.join(', ')} to ${shown(user)} on the ${kind} that ${shown(forRole)} will make${placeOf(wish, inside)}`;
  const grant = `GRANT ${missing.join(', ')} ON ${kind.toUpperCase()} TO ${quoteIdentifier(user)}`;
  return [
    { action: 'grant', summary, sql: `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(forRole)}${place} ${grant}` },
  ];
}
