import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { withClient } from '../../postgres/client.js';
import { ConnectionError } from '../../postgres/errors.js';
import { quoteIdentifier } from '../../sql/quote.js';
import { failureOf } from '../apply/failures.js';
import type { Assignment } from '../look.js';
import { inParallel } from '../parallel.js';
import { tryLogin } from '../passwords/probe.js';
import { asService, type Server } from '../server.js';
import type { ServiceSpec } from '../spec/types.js';
import { checkIsolation, type Intrusions } from './isolation.js';

/** One thing that was tried. */
export interface Check {
  readonly check: 'login' | 'table' | 'usage' | 'isolation';
  readonly ok: boolean;
  /** What was tried, in words. */
  readonly what: string;
  readonly note?: string | undefined;
  readonly reason?: string | undefined;
  readonly hint?: string | undefined;
}

export interface Verification {
  readonly service: string;
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/**
 * Proves that every service can do its work: logs in with its real secret, creates and drops a table where it may, and is refused in
 * the databases of the others where isolation is asked for. Leaves nothing behind. Does not look at the plan.
 */
export async function verifyProvision(assignment: Assignment): Promise<readonly Verification[]> {
  const { server, spec, parallel = 4 } = assignment;
  const intrusions = await checkIsolation(server, spec.services);
  const verified = new Map<string, Verification>();
  await inParallel(spec.services, parallel, async (service) => {
    const checks = await verifyService(assignment, service, intrusions);
    verified.set(service.name, { service: service.name, ok: checks.every(({ ok }) => ok), checks });
  });
  return spec.services.flatMap(({ name }) => verified.get(name) ?? []);
}

async function verifyService(
  { server, passwords }: Assignment,
  service: ServiceSpec,
  intrusions: Intrusions,
): Promise<readonly Check[]> {
  const { user, database } = service;
  const what = `log in to ${database.name} as ${user.name}`;
  const outcome = passwords.get(user.name);
  if (outcome?.state !== 'read') {
    const reason = outcome?.state === 'failed' ? outcome.error.message : 'there is no secret yet';
    const hint = outcome?.state === 'failed' ? outcome.error.hint : undefined;
    return [{ check: 'login', ok: false, what, reason, hint }];
  }
  const password = outcome.secret.reveal();
  const login = await checkLogin(server, service, password, what);
  if (!login.ok) return [login];
  const work = await checkWork(server, service, password);
  const isolation = service.isolation ? await intrusions.of(service, password) : [];
  return [login, ...work, ...isolation];
}

async function checkLogin(
  server: Server,
  { user, database }: ServiceSpec,
  password: string,
  what: string,
): Promise<Check> {
  const { wasAsked, refusal } = await tryLogin(server, user.name, password, database.name);
  if (refusal !== undefined) return { check: 'login', ok: false, what, ...failureOf(refusal), ...remedyFor(refusal) };
  const note = wasAsked
    ? undefined
    : 'the server asked for no password, so nothing is proved about it (pg_hba.conf: trust, peer)';
  return { check: 'login', ok: true, what, note };
}

const remedies: Readonly<Record<string, string>> = {
  '28P01':
    'The server has another password for this user, or the user does not exist; slipway provision apply sets it.',
  '42501': 'Grant CONNECT on this database to the service.',
  '3D000': 'slipway provision apply makes the database.',
};

function remedyFor(refusal: unknown): { hint?: string } {
  const hint = refusal instanceof ConnectionError ? remedies[refusal.sqlstate ?? ''] : undefined;
  return hint === undefined ? {} : { hint };
}

/** A table where the service may make one, and otherwise whether it gets into the schemas that it was given. */
async function checkWork(server: Server, service: ServiceSpec, password: string): Promise<readonly Check[]> {
  const config = asService(server, service.user.name, password, service.database.name);
  const { creates, uses } = schemasOf(service);
  try {
    return await withClient(config, async (client) => {
      const checks: Check[] = [];
      for (const schema of creates) checks.push(await checkTable(client, schema));
      for (const schema of uses) checks.push(await checkUsage(client, schema));
      return checks;
    });
  } catch (error) {
    return [{ check: 'table', ok: false, what: `work in ${service.database.name}`, ...failureOf(error) }];
  }
}

/** Schemas by what the service may do there: through a grant, or because it owns them. */
function schemasOf({ user, database, grants }: ServiceSpec): {
  creates: ReadonlySet<string>;
  uses: ReadonlySet<string>;
} {
  const owned = database.schemas.filter(({ owner }) => owner === user.name).map(({ name }) => name);
  const creates = new Set(owned);
  const uses = new Set<string>();
  for (const grant of grants) {
    if (grant.on !== 'schema') continue;
    const may = (privilege: string) => grant.privileges.includes(privilege) || grant.privileges.includes('ALL');
    if (may('CREATE')) creates.add(grant.schema);
    else if (may('USAGE') && !creates.has(grant.schema)) uses.add(grant.schema);
  }
  return { creates, uses };
}

/** In a transaction that is rolled back, so that not even a broken connection leaves a table behind. */
async function checkTable(client: pg.Client, schema: string): Promise<Check> {
  const name = `slipway_verify_${randomBytes(6).toString('hex')}`;
  const table = `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
  const what = `create and drop a table in schema ${schema}`;
  try {
    await client.query('BEGIN READ WRITE');
    await client.query(`CREATE TABLE ${table} (id integer)`);
    await client.query(`DROP TABLE ${table}`);
    return { check: 'table', ok: true, what };
  } catch (error) {
    return { check: 'table', ok: false, what, ...failureOf(error) };
  } finally {
    await client.query('ROLLBACK');
  }
}

async function checkUsage(client: pg.Client, schema: string): Promise<Check> {
  const what = `look into schema ${schema}`;
  const failure = await client
    .query<{ may: boolean }>("SELECT pg_catalog.has_schema_privilege($1, 'USAGE') AS may", [schema])
    .then(({ rows }) => (rows[0]?.may === true ? undefined : { reason: `no USAGE on schema ${schema}` }), failureOf);
  return failure === undefined ? { check: 'usage', ok: true, what } : { check: 'usage', ok: false, what, ...failure };
}
