import { messageOf } from '../../errors.js';
import { ConnectionError } from '../../postgres/errors.js';
import { quoteLiteral } from '../../sql/quote.js';
import { tryLogin } from '../passwords/probe.js';
import { asAdministrator, jsonValues, nameArray, type Server } from '../server.js';
import type { ServiceSpec } from '../spec/types.js';
import type { Check } from './verify.js';

/** Tries services at databases that are not theirs. */
export interface Intrusions {
  of(service: ServiceSpec, password: string): Promise<readonly Check[]>;
}

/** So many doors each service really tries; of all the others the catalogs tell. */
const doorsTried = 3;

/**
 * Readies the proof that services are refused in the databases of services that they are no part of. The catalogs are asked about
 * every pair, in one query (has_database_privilege counts memberships and superusers in); the next few databases are tried.
 */
export async function checkIsolation(server: Server, services: readonly ServiceSpec[]): Promise<Intrusions> {
  const doors = [...new Set(services.map(({ database }) => database.name))];
  const isolated = services.filter(({ isolation }) => isolation);
  const open = isolated.length === 0 ? new Map() : await openDoors(server, isolated, doors);
  return {
    async of(service, password) {
      const foreign = doorsAfter(service, services, doors);
      const admitted = new Set(open.get(service.user.name));
      const checks = foreign.filter((door) => admitted.has(door)).map((door) => admission(service, door));
      for (const door of foreign.filter((one) => !admitted.has(one)).slice(0, doorsTried)) {
        checks.push(await tryDoor(server, service, password, door));
      }
      const rest = foreign.length - checks.length;
      if (rest > 0)
        checks.push({
          check: 'isolation',
          ok: true,
          what: `no CONNECT on ${rest} more databases, as the catalogs say`,
        });
      return checks;
    },
  };
}

/** Databases of which no service has this user, beginning with the one after its own. */
function doorsAfter(
  { user, database }: ServiceSpec,
  services: readonly ServiceSpec[],
  doors: readonly string[],
): string[] {
  const own = new Set(services.filter((one) => one.user.name === user.name).map((one) => one.database.name));
  const at = doors.indexOf(database.name);
  return [...doors.slice(at), ...doors.slice(0, at)].filter((door) => !own.has(door));
}

/** The databases that each user may connect to, of those named. */
async function openDoors(
  server: Server,
  services: readonly ServiceSpec[],
  doors: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const users = nameArray(services.map(({ user }) => user.name));
  const [answer] = await asAdministrator(server, (client) =>
    jsonValues(client, [
      `SELECT jsonb_object_agg(rolname, doors) FROM (
        SELECT rolname, jsonb_agg(datname) AS doors FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
        WHERE rolname = ANY (${users}) AND datname = ANY (${nameArray(doors)})
          AND pg_catalog.has_database_privilege(r.oid, d.oid, ${quoteLiteral('CONNECT')}) GROUP BY rolname) found`,
    ]),
  );
  return new Map(Object.entries((answer ?? {}) as Readonly<Record<string, readonly string[]>>));
}

const remedy = 'Set publicConnect: revoke for that database, and look for grants and memberships of this user.';

function admission({ user }: ServiceSpec, door: string): Check {
  const reason = `${user.name} may connect to ${door}`;
  return { check: 'isolation', ok: false, what: `be refused in ${door}`, reason, hint: remedy };
}

/** Refusals that prove something: no CONNECT, or no line for this pair in pg_hba.conf. */
const refusals = new Set(['42501', '28000']);

async function tryDoor(server: Server, { user }: ServiceSpec, password: string, door: string): Promise<Check> {
  const what = `be refused in ${door}`;
  const { refusal } = await tryLogin(server, user.name, password, door);
  if (refusal === undefined) {
    return { check: 'isolation', ok: false, what, reason: `${user.name} got in`, hint: remedy };
  }
  const isProof = refusal instanceof ConnectionError && refusals.has(refusal.sqlstate ?? '');
  if (isProof) return { check: 'isolation', ok: true, what };
  return { check: 'isolation', ok: false, what, reason: `it could not be tried: ${messageOf(refusal)}` };
}
