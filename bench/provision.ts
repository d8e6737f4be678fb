/**
 * Provisioning many services, first and again, against a psql script in the seed's style, which connects twice for each service.
 * Both work on the same server, with a password for the administrator; the script's passwords are in its text.
 * Usage: node dist/bench/provision.js [SERVICES] [ROUNDS]
 */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../src/cluster/cluster.js';
import { withTemporaryCluster } from '../src/cluster/temporary.js';
import { withClient } from '../src/postgres/client.js';
import { scramVerifier } from '../src/postgres/scram.js';
import { applyProvision } from '../src/provision/apply/apply.js';
import type { Assignment } from '../src/provision/look.js';
import { Secret } from '../src/provision/secrets/secret.js';
import { serverOf } from '../src/provision/server.js';
import { parseSpec } from '../src/provision/spec/read.js';
import { quoteLiteral } from '../src/sql/quote.js';
import { compare } from './measure.js';

const count = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 3);
const administrator = 'provisioner';
const password = 'the administrator of the bench';

/** One service as the seed's page has it. */
function scriptFor(name: string): string {
  return `\\c postgres
SELECT 'CREATE DATABASE ${name}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}')\\gexec
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${name}') THEN
    CREATE USER ${name} WITH ENCRYPTED PASSWORD 'password of ${name}';
  END IF;
END
$$;
GRANT ALL PRIVILEGES ON DATABASE ${name} TO ${name};
\\c ${name}
GRANT ALL ON SCHEMA public TO ${name};
`;
}

function psql({ host, port }: Cluster, names: readonly string[]): void {
  const place = `host=${host} port=${port} user=${administrator} dbname=postgres`;
  const { status, stderr } = spawnSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', place], {
    input: names.map(scriptFor).join('\n'),
    env: { ...process.env, PGPASSWORD: password },
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`psql ended with ${status}: ${stderr}`);
}

/** `versioned`: passwords that come with a version, as from Vault's KV 2; otherwise as from the environment. */
function assignment({ host, port }: Cluster, names: readonly string[], versioned: boolean): Assignment {
  const server = { host, port, user: administrator, maintenanceDb: 'postgres', password: { env: 'ADMIN' } };
  const spec = parseSpec('/services.yaml', JSON.stringify({ version: 1, server, services: names }));
  const passwords = new Map(
    names.map((name) => {
      const origin = `vault secret/postgres/${name}#password`;
      const secret = versioned
        ? new Secret(`password of ${name}`, origin, 1, '2026-01-01T00:00:00Z')
        : new Secret(`password of ${name}`, origin);
      return [name, { state: 'read', secret }] as const;
    }),
  );
  return { server: serverOf(spec.server, new Secret(password, 'the bench')), spec, passwords };
}

async function provision(given: Assignment, wanted: 'created' | 'skipped'): Promise<void> {
  const { services, recordFailure } = await applyProvision(given);
  const other = services.find(({ outcome }) => outcome !== wanted);
  if (other !== undefined || recordFailure !== undefined) throw new Error(JSON.stringify(other ?? recordFailure));
}

/** An administrator who has to give a password, as on a server that is worth provisioning. */
async function requirePassword({ url, dataDir }: Cluster): Promise<void> {
  await withClient(url, (client) =>
    client.query(`CREATE ROLE ${administrator} SUPERUSER LOGIN PASSWORD ${quoteLiteral(scramVerifier(password))}`),
  );
  const path = join(dataDir, 'pg_hba.conf');
  await writeFile(path, `local all ${administrator} scram-sha-256\n${await readFile(path, 'utf8')}`);
  await withClient(url, (client) => client.query('SELECT pg_reload_conf()'));
}

async function dropAll({ url }: Cluster, names: readonly string[]): Promise<void> {
  await withClient(url, async (client) => {
    for (const name of names) await client.query(`DROP DATABASE IF EXISTS "${name}"`);
    for (const name of names) await client.query(`DROP ROLE IF EXISTS "${name}"`);
  });
}

await withTemporaryCluster({}, async (cluster) => {
  await requirePassword(cluster);
  const names = Array.from({ length: count }, (_, index) => `service_${index}`);
  const vault = assignment(cluster, names, true);
  const environment = assignment(cluster, names, false);
  const first = Math.min(count, 100);
  const few = names.slice(0, first);
  const before = () => dropAll(cluster, few);
  await compare(
    `${first} services, first`,
    [
      { name: 'psql script', before, run: () => psql(cluster, few) },
      { name: 'slipway provision apply', before, run: () => provision(assignment(cluster, few, true), 'created') },
    ],
    1,
  );
  await dropAll(cluster, few);
  const started = performance.now();
  await provision(vault, 'created');
  process.stdout.write(`${count} services, first: ${(performance.now() - started).toFixed(0)} ms\n`);
  await compare(
    `${count} services, again`,
    [
      { name: 'psql script', run: () => psql(cluster, names) },
      { name: 'apply, every database visited', run: () => provision({ ...vault, visitAll: true }, 'skipped') },
      { name: 'apply, passwords of unknown age', run: () => provision(environment, 'skipped') },
      { name: 'apply', run: () => provision(vault, 'skipped') },
    ],
    rounds,
  );
});
