import { quoteIdentifier } from '../../sql/quote.js';
import type { Acl } from '../observe/observed.js';
import type { Grant, ServiceSpec } from '../spec/types.js';
import { type Item, type Step, shown } from './item.js';
import { allPrivileges, comparePrivileges, expandPrivileges, type PrivilegeKind } from './privileges.js';

/** What a user is to hold on one object, or on the objects of one schema: the wishes of its services joined. */
export interface Holding {
  readonly user: string;
  readonly services: readonly string[];
  readonly on: Grant['on'];
  /** undefined for the database. */
  readonly schema: string | undefined;
  readonly privileges: ReadonlySet<string>;
}

/** The holdings that services in one database ask for, in the order of the file. */
export function holdingsOf(services: readonly ServiceSpec[], version: number): readonly Holding[] {
  const holdings = new Map<string, Holding>();
  for (const { name, user, grants } of services) {
    for (const grant of grants) {
      const schema = grant.on === 'database' ? undefined : grant.schema;
      const key = JSON.stringify([user.name, grant.on, schema]);
      const before = holdings.get(key);
      const wanted = expandPrivileges(grant.on, grant.privileges, version);
      const privileges = new Set([...(before?.privileges ?? []), ...wanted]);
      const joined = [...new Set([...(before?.services ?? []), name])];
      holdings.set(key, { user: user.name, services: joined, on: grant.on, schema, privileges });
    }
  }
  return [...holdings.values()];
}

/** An object as GRANT names it, and as people do. */
export interface GrantTarget {
  readonly sql: string;
  readonly words: string;
  readonly acl: Acl;
  /** Its owner holds everything by right, and nothing is taken from it. */
  readonly owner: string | undefined;
}

/** The item of a holding on one object: only the difference is granted or revoked. */
export function holdingItem({ user, services, privileges }: Holding, target: GrantTarget): Item {
  const object = `grants on ${target.words} for ${shown(user)}`;
  const { missing, excess } = comparePrivileges(privileges, target.acl.get(user));
  const surplus = target.owner === user ? [] : excess;
  return { object, services, steps: differenceSteps({ missing, excess: surplus }, target, user) };
}

/** GRANT and REVOKE for a difference; none when there is no difference. */
export function differenceSteps(
  { missing, excess }: { readonly missing: readonly string[]; readonly excess: readonly string[] },
  { sql, words }: Pick<GrantTarget, 'sql' | 'words'>,
  user: string,
): Step[] {
  const role = quoteIdentifier(user);
  const steps: Step[] = [];
  if (missing.length > 0) {
    const summary = `grant ${missing.join(', ')} on ${words} to ${shown(user)}`;
    steps.push({ action: 'grant', summary, sql: `GRANT ${missing.join(', ')} ON ${sql} TO ${role}` });
  }
  if (excess.length > 0) {
    const summary = `revoke ${excess.join(', ')} on ${words} from ${shown(user)}`;
    steps.push({ action: 'revoke', summary, sql: `REVOKE ${excess.join(', ')} ON ${sql} FROM ${role}` });
  }
  return steps;
}

/** An ACL as it will be once `owner` owns the object: an owner holds every privilege. */
export function ownedBy(acl: Acl, owner: string | undefined, kind: PrivilegeKind, version: number): Acl {
  return owner === undefined ? acl : new Map([...acl, [owner, new Set(allPrivileges(kind, version))]]);
}
