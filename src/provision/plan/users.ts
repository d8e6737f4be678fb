import { quoteIdentifier, quoteLiteral } from '../../sql/quote.js';
import type { Observed, ObservedRole } from '../observe/observed.js';
import type { ServiceSpec, UserSpec } from '../spec/types.js';
import { type Decision, type Item, join, type Step, shown } from './item.js';
import { planMemberships } from './memberships.js';
import { type PasswordFindings, planPassword } from './passwords.js';
import { settingSteps } from './settings.js';

/** A user and the services that log in as it. */
export interface Login {
  readonly user: UserSpec;
  readonly services: readonly string[];
}

/** The users of a specification, in the order of the file. */
export function loginsOf(services: readonly ServiceSpec[]): readonly Login[] {
  const logins = new Map<string, { user: UserSpec; services: string[] }>();
  for (const { name, user } of services) {
    const login = logins.get(user.name) ?? { user, services: [] };
    login.services.push(name);
    logins.set(user.name, login);
  }
  return [...logins.values()];
}

/** What is to be done for the users: the roles with their passwords, attributes, settings and memberships. */
export function planUsers(
  services: readonly ServiceSpec[],
  observed: Pick<Observed, 'server' | 'roles'>,
  passwords: PasswordFindings,
): Decision {
  const logins = loginsOf(services);
  const names = new Set([...observed.roles.keys(), ...logins.map(({ user }) => user.name)]);
  const memberships = logins.map((login) => planMemberships(login, observed.roles, names));
  return join([...logins.map((login) => planUser(login, observed.roles, passwords)), ...memberships]);
}

function planUser(login: Login, roles: ReadonlyMap<string, ObservedRole>, passwords: PasswordFindings): Decision {
  const { user, services } = login;
  const role = roles.get(user.name);
  const password = planPassword(login, role, passwords.get(user.name));
  const own = role === undefined ? newUser(login, password.items) : [oldUser(login, role), ...password.items];
  return { items: [...own, ...settingsItem(user, services, role)], faults: password.faults };
}

/** A new user gets its password in the same statement: there is no moment at which it exists without one. */
function newUser({ user, services }: Login, [password]: readonly Item[]): readonly Item[] {
  const clauses = [`CREATE ROLE ${quoteIdentifier(user.name)} LOGIN`, ...attributeClauses(user)];
  const step: Step = {
    action: 'create',
    summary: `create user ${shown(user.name)}`,
    sql: clauses.join(' '),
    passwordOf: user.name,
  };
  return [{ object: `user ${shown(user.name)}`, services, steps: [step], note: password?.note }];
}

function oldUser({ user, services }: Login, role: ObservedRole): Item {
  const clauses = attributeClauses(user, role);
  const step: Step = {
    action: 'change',
    summary: `alter user ${shown(user.name)}: ${clauses.join(' ').toLowerCase()}`,
    sql: `ALTER ROLE ${quoteIdentifier(user.name)} ${clauses.join(' ')}`,
  };
  const note = role.canLogin ? undefined : 'it may not log in (NOLOGIN), and is left so';
  return { object: `user ${shown(user.name)}`, services, steps: clauses.length === 0 ? [] : [step], note };
}

/** Clauses for what is asked for and not so yet. */
function attributeClauses({ connectionLimit, validUntil }: UserSpec, role?: ObservedRole): readonly string[] {
  const clauses: string[] = [];
  if (connectionLimit !== undefined && connectionLimit !== (role?.connectionLimit ?? -1)) {
    clauses.push(`CONNECTION LIMIT ${connectionLimit}`);
  }
  if (validUntil !== undefined && !isSameTime(validUntil, role?.validUntil ?? 'infinity')) {
    clauses.push(`VALID UNTIL ${quoteLiteral(validUntil)}`);
  }
  return clauses;
}

/** Our sessions are in UTC, so a time without a zone is too. No end at all and `infinity` mean the same. */
export function isSameTime(wanted: string, found: string): boolean {
  return wanted === found || timeOf(wanted) === timeOf(found);
}

const timestamp = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(?:(Z|UTC)|([+-]\d\d)(?::?(\d\d))?)?)?$/i;

/** NaN, which equals nothing, for what is not ISO 8601: the server's own reading has to be asked for then. */
function timeOf(text: string): number {
  const match = timestamp.exec(text.trim());
  if (match === null) return Number.NaN;
  const [, day, time = '00:00', , hours, minutes = '00'] = match;
  return Date.parse(`${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
}

function settingsItem(user: UserSpec, services: readonly string[], role: ObservedRole | undefined): readonly Item[] {
  if (user.settings.size === 0) return [];
  const of = `user ${shown(user.name)}`;
  const steps = settingSteps(user.settings, role?.settings, of, `ALTER ROLE ${quoteIdentifier(user.name)}`);
  return [{ object: `settings of ${of}`, services, steps }];
}
