import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../src/cluster/cluster.js';
import { withClient } from '../../src/postgres/client.js';
import { type ApplyOptions, type ApplyResult, applyProvision } from '../../src/provision/apply/apply.js';
import type { Outcome } from '../../src/provision/apply/ledger.js';
import { type Assignment, planProvision } from '../../src/provision/look.js';
import type { Plan } from '../../src/provision/plan/plan.js';
import { Secret, type SecretOutcome } from '../../src/provision/secrets/secret.js';
import { serverOf } from '../../src/provision/server.js';
import { parseSpec } from '../../src/provision/spec/read.js';
import type { ServiceEntry } from '../../src/provision/spec/services-file.js';
import { withCluster, withDirectory } from '../support/cluster.js';

/** Services of a file by name, as they stand in it. */
export type Services = Readonly<Record<string, ServiceEntry | null>>;

/** How the administrator comes in. */
export interface Entrance {
  readonly user: string;
  readonly password?: string;
}

/** What a case may do with a server. */
export interface TestServer {
  readonly cluster: Cluster;
  /** A directory for files that services name. */
  readonly directory: string;
  /** Runs SQL as superuser; answers the rows of the last statement, each as an array. */
  sql(text: string, database?: string): Promise<readonly (readonly unknown[])[]>;
  assignment(services: Services, more?: AssignmentOptions): Assignment;
  apply(services: Services, more?: AssignmentOptions & ApplyOptions): Promise<ApplyResult>;
  plan(services: Services, more?: AssignmentOptions): Promise<Plan>;
  /** Makes an administrator that is no superuser, who comes in with a password and cannot read pg_authid. */
  makeAdministrator(name: string): Promise<Entrance>;
}

export interface AssignmentOptions {
  readonly as?: Entrance;
  /** Passwords by user; `password of USER` for the others. */
  readonly passwords?: Readonly<Record<string, SecretOutcome>>;
  readonly version?: number;
  readonly visitAll?: boolean;
}

const superuser: Entrance = { user: userInfo().username };

/** Lends a server on which everybody but its superuser has to give a password. */
export function withServer<T>(use: (server: TestServer) => Promise<T>, env: NodeJS.ProcessEnv = {}): Promise<T> {
  return withDirectory((directory) =>
    withCluster(async (cluster) => {
      await askForPasswords(cluster);
      return await use(testServer(cluster, directory));
    }, env),
  );
}

async function askForPasswords({ dataDir, url }: Cluster): Promise<void> {
  const lines = `local all "${superuser.user}" trust\nlocal all /^trusted trust\nlocal all all scram-sha-256\n`;
  const path = join(dataDir, 'pg_hba.conf');
  // Regular expressions for users came with version 16.
  const isOld = Number((await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).trim()) < 16;
  await writeFile(path, isOld ? lines.replace('/^trusted', 'trusted') : lines);
  await withClient(url, (client) => client.query('SELECT pg_reload_conf()'));
}

function testServer(cluster: Cluster, directory: string): TestServer {
  const assignment = (services: Services, more: AssignmentOptions = {}) => assign(cluster, directory, services, more);
  return {
    cluster,
    directory,
    sql: (text, database = 'postgres') => runSql(cluster, text, database),
    assignment,
    apply: (services, more = {}) => applyProvision(assignment(services, more), more),
    plan: (services, more = {}) => planProvision(assignment(services, more)),
    async makeAdministrator(name) {
      const attributes = `LOGIN CREATEROLE CREATEDB PASSWORD 'password of ${name}'`;
      await runSql(cluster, `CREATE ROLE ${name} ${attributes}`, 'postgres');
      return { user: name, password: `password of ${name}` };
    },
  };
}

function assign(
  { host, port }: Cluster,
  directory: string,
  services: Services,
  { as: { user, password } = superuser, passwords = {}, version, visitAll = false }: AssignmentOptions,
): Assignment {
  const server = { host, port, user, maintenanceDb: 'postgres' };
  const text = JSON.stringify({ version: 1, server, services });
  const spec = parseSpec(join(directory, 'services.yaml'), text, {});
  const found = spec.services.map(
    ({ user: { name } }) => [name, passwords[name] ?? read(`password of ${name}`, version)] as const,
  );
  const own = password === undefined ? undefined : new Secret(password, 'the test');
  return { server: serverOf(spec.server, own, { env: {} }), spec, passwords: new Map(found), visitAll };
}

/** A secret as it comes out of Vault. */
export function read(value: string, version?: number): SecretOutcome {
  const origin = 'vault secret/test#password';
  const secret =
    version === undefined ? new Secret(value, origin) : new Secret(value, origin, version, `day-${version}`);
  return { state: 'read', secret };
}

function runSql({ host, port }: Cluster, text: string, database: string): Promise<readonly (readonly unknown[])[]> {
  const place = { host, port: String(port), user: superuser.user, dbname: database };
  return withClient(place, async (client) => {
    const answer = (await client.query({ text, rowMode: 'array' })) as { rows: unknown[][] } | { rows: unknown[][] }[];
    return (Array.isArray(answer) ? answer.at(-1)?.rows : answer.rows) ?? [];
  });
}

/** What became of each service. */
export function outcomes({ services }: ApplyResult): Readonly<Record<string, Outcome>> {
  return Object.fromEntries(services.map(({ service, outcome }) => [service, outcome]));
}

/** Everything that failed, a line each. */
export function failures({ services }: ApplyResult): readonly string[] {
  return services.flatMap(({ service, objects }) =>
    objects.flatMap(({ object, reason, hint }) =>
      reason === undefined ? [] : [`${service}: ${object}: ${reason} ${hint ?? ''}`],
    ),
  );
}

/** Everything that was done, a line each. */
export function done({ services }: ApplyResult): readonly string[] {
  return [...new Set(services.flatMap(({ objects }) => objects.flatMap((object) => object.done)))];
}
