import type { Observed, ServerFacts } from '../observe/observed.js';
import type { ProvisionSpec } from '../spec/types.js';
import { type Residence, residences } from '../wishes.js';
import { freshContents, planContents } from './contents.js';
import { planDatabase } from './databases.js';
import { type Decision, type Fault, type Item, join, type Step } from './item.js';
import { planOwnMemberships } from './memberships.js';
import type { PasswordFindings } from './passwords.js';
import { planUsers } from './users.js';

/** What provisioning would do, and what it would leave. Holds no secret. */
export interface Plan {
  /** The server and we on it. */
  readonly server: Pick<ServerFacts, 'version' | 'user' | 'isSuperuser'>;
  /** Users and their memberships, which come first. */
  readonly users: readonly Item[];
  readonly databases: readonly DatabasePlan[];
  /** Services that cannot be provisioned, and why; nothing that only they want is in the plan. */
  readonly faults: readonly Fault[];
  /** Every service of the specification. */
  readonly services: readonly string[];
}

export interface DatabasePlan {
  readonly name: string;
  /** What is done from the maintenance database. */
  readonly outside: readonly Item[];
  /** What is done in the database itself. */
  readonly inside: readonly Item[];
}

/** Decides what is to be done: a pure function of what is wished and what there is. */
export function plan(spec: ProvisionSpec, observed: Observed, passwords: PasswordFindings): Plan {
  const found = residences(spec);
  const roleNames = new Set([...observed.roles.keys(), ...spec.services.map(({ user }) => user.name)]);
  const users = planUsers(spec.services, observed, passwords);
  const parts = found.map((residence) => ({
    name: residence.database.name,
    outside: planDatabase(residence, observed, roleNames),
    inside: planInside(residence, observed, roleNames),
  }));
  const faults = [users, ...parts.flatMap(({ outside, inside }) => [outside, inside])].flatMap((part) => part.faults);
  const failed = new Set(faults.map(({ service }) => service));
  const wantedBy = (items: readonly Item[]) => itemsWithout(failed, items);
  const databases = parts.map(({ name, outside, inside }) => ({
    name,
    outside: wantedBy(outside.items),
    inside: wantedBy(inside.items),
  }));
  const { version, user, isSuperuser } = observed.server;
  return {
    server: { version, user, isSuperuser },
    users: wantedBy([...users.items, ...planOwnMemberships(observed, found)]),
    databases,
    faults: withoutRepetition(faults),
    services: spec.services.map(({ name }) => name),
  };
}

function planInside(residence: Residence, observed: Observed, roleNames: ReadonlySet<string>): Decision {
  const { name } = residence.database;
  if (observed.unreachable.has(name)) return join([]);
  const contents = observed.contents.get(name) ?? freshContents(residence, observed.server);
  const { files, server } = observed;
  if (contents === 'unchanged') return { items: [unchangedItem(residence)], faults: [] };
  return planContents({ residence, contents, version: server.version, roleNames, files });
}

function unchangedItem({ database, services }: Residence): Item {
  const note = 'as it was when it was last looked at: nothing has been written there since';
  return { object: `contents of ${database.name}`, services: services.map(({ name }) => name), steps: [], note };
}

/** Items without the services that have failed; what nobody else wants is not done. */
export function itemsWithout(failed: ReadonlySet<string>, items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ ...item, services: item.services.filter((service) => !failed.has(service)) }))
    .filter(({ services }) => services.length > 0);
}

/** A database that cannot be used is at fault once, however many of a service's wishes meet it. */
function withoutRepetition(faults: readonly Fault[]): readonly Fault[] {
  const byText = new Map(faults.map((fault) => [JSON.stringify(fault), fault]));
  return [...byText.values()];
}

/** Every item of a plan, in the order in which they are done. */
export function itemsOf({ users, databases }: Pick<Plan, 'users' | 'databases'>): readonly Item[] {
  return [...users, ...databases.flatMap(({ outside, inside }) => [...outside, ...inside])];
}

/** Every step of a plan; none means that there is nothing to do. */
export function stepsOf(plan: Pick<Plan, 'users' | 'databases'>): readonly Step[] {
  return itemsOf(plan).flatMap(({ steps }) => steps);
}
