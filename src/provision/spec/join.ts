import { agreement, type Conflict, find, joinSettings, names } from './agreement.js';
import type { DatabaseCreation, DatabaseSpec, ServiceSpec, UserSpec } from './types.js';

/**
 * Gives services that name one database, or one user, one and the same object with all their wishes. Only what two services say
 * differently is a conflict; `keep` and what is left out yield to whoever says more.
 */
export function joinServices(services: readonly ServiceSpec[], conflict: Conflict): readonly ServiceSpec[] {
  refuseTwins(services, conflict);
  const databases = joinBy(services, (service) => service.database.name, joinDatabase, conflict);
  const users = joinBy(services, (service) => service.user.name, joinUser, conflict);
  return services.map((service) => ({
    ...service,
    database: databases.get(service.database.name) ?? service.database,
    user: users.get(service.user.name) ?? service.user,
  }));
}

/** Two services with the same user in the same database would each undo the other's grants and settings. */
function refuseTwins(services: readonly ServiceSpec[], conflict: Conflict): void {
  const first = new Map<string, ServiceSpec>();
  for (const service of services) {
    const pair = JSON.stringify([service.database.name, service.user.name]);
    const earlier = first.get(pair);
    if (earlier === undefined) first.set(pair, service);
    else conflict(service, earlier, [], `user ${quoted(service.user)} in database ${quoted(service.database)}`);
  }
}

function joinBy<T>(
  services: readonly ServiceSpec[],
  nameOf: (service: ServiceSpec) => string,
  join: (group: Group<ServiceSpec>, conflict: Conflict) => T,
  conflict: Conflict,
): Map<string, T> {
  const groups = groupBy(services, nameOf);
  return new Map([...groups].map(([name, group]) => [name, join(group, conflict)]));
}

function joinDatabase(group: Group<ServiceSpec>, conflict: Conflict): DatabaseSpec {
  const wishes = group.map((service) => ({ service, wish: service.database }));
  const agree = agreement(wishes, (wish) => `database ${quoted(wish)}`, conflict);
  const said = (key: keyof DatabaseCreation) => agree((wish) => wish.creation[key], ['database', key]);
  return {
    ...group[0].database,
    owner: agree(({ owner }) => owner, ['owner']),
    creation: {
      template: said('template'),
      encoding: said('encoding'),
      localeProvider: agree((wish) => wish.creation.localeProvider, ['database', 'localeProvider']),
      locale: said('locale'),
      collate: said('collate'),
      ctype: said('ctype'),
      icuLocale: said('icuLocale'),
      builtinLocale: said('builtinLocale'),
    },
    connectionLimit: agree((wish) => wish.connectionLimit, ['database', 'connectionLimit']),
    settings: joinSettings(wishes, agree, ['database', 'settings']),
    publicConnect: wishes.some(({ wish }) => wish.publicConnect === 'revoke') ? 'revoke' : 'keep',
    schemas: names(wishes, (wish) => wish.schemas).map((name) => ({
      name,
      owner: agree((wish) => find(wish.schemas, name)?.owner, ['schemas', name, 'owner']),
    })),
    extensions: names(wishes, (wish) => wish.extensions).map((name) => ({
      name,
      schema: agree((wish) => find(wish.extensions, name)?.schema, ['extensions', name, 'schema']),
      version: agree((wish) => find(wish.extensions, name)?.version, ['extensions', name, 'version']),
    })),
  };
}

function joinUser(group: Group<ServiceSpec>, conflict: Conflict): UserSpec {
  const wishes = group.map((service) => ({ service, wish: service.user }));
  const agree = agreement(wishes, (wish) => `user ${quoted(wish)}`, conflict);
  const { name, password, passwordPolicy } = group[0].user;
  return {
    name,
    password: agree((wish) => wish.password, ['password']) ?? password,
    passwordPolicy: agree((wish) => wish.passwordPolicy, ['passwordPolicy']) ?? passwordPolicy,
    connectionLimit: agree((wish) => wish.connectionLimit, ['connectionLimit']),
    validUntil: agree((wish) => wish.validUntil, ['validUntil']),
    settings: joinSettings(wishes, agree, ['settings']),
    memberOf: [...new Set(wishes.flatMap(({ wish }) => wish.memberOf))],
  };
}

function quoted({ name }: { readonly name: string }): string {
  return JSON.stringify(name);
}

type Group<T> = [T, ...T[]];

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, Group<T>> {
  const groups = new Map<string, Group<T>>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
