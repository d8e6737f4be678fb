import type pg from 'pg';
import { observeContents } from '../observe/contents.js';
import { observeOutside } from '../observe/observe.js';
import type { ObservedContents, ObservedDatabase, ObservedRole, ServerFacts } from '../observe/observed.js';
import { inParallel } from '../parallel.js';
import { asAdministrator, jsonValues, type Server, sessionSettings } from '../server.js';
import type { ProvisionSpec } from '../spec/types.js';

/** What an existing server has that a services file can say. */
export interface Survey {
  readonly facts: ServerFacts;
  readonly maintenance: string;
  readonly roles: ReadonlyMap<string, ObservedRole>;
  readonly databases: ReadonlyMap<string, ObservedDatabase>;
  readonly contents: ReadonlyMap<string, ObservedContents>;
}

/** Looks at every database that lets us in, and at every role. */
export function survey(server: Server, parallel: number): Promise<Survey> {
  return asAdministrator(server, async (client) => {
    const names = await allNames(client);
    const { server: facts, roles, databases } = await observeOutside(client, noServices(server), names);
    const contents = new Map<string, ObservedContents>();
    const open = [...databases.values()].filter(
      ({ isTemplate, allowsConnections, connectionLimit }) =>
        !isTemplate && allowsConnections && connectionLimit !== -2,
    );
    await inParallel(open, parallel, async ({ name }) => {
      contents.set(name, await asAdministrator(server, (inside) => lookInside(inside, [...roles.keys()], facts), name));
    });
    return { facts, maintenance: server.config.database, roles, databases, contents };
  });
}

/** Roles that are PostgreSQL's own are none of ours. */
async function allNames(client: pg.Client): Promise<readonly string[]> {
  const [roles, databases] = (await jsonValues(client, [
    sessionSettings,
    "SELECT jsonb_agg(rolname) FROM pg_roles WHERE rolname !~ '^pg_'",
    'SELECT jsonb_agg(datname) FROM pg_database',
  ])) as readonly (readonly string[] | null)[];
  return [...(roles ?? []), ...(databases ?? [])];
}

function noServices({ config }: Server): ProvisionSpec {
  const server = { connection: config.conninfo, maintenanceDatabase: config.database, password: undefined };
  const vault = { mount: 'secret', address: undefined, namespace: undefined, caCert: undefined, clientCert: undefined };
  return { file: '', server, vault: { ...vault, clientKey: undefined, auth: undefined }, services: [] };
}

async function lookInside(
  client: pg.Client,
  grantees: readonly string[],
  facts: ServerFacts,
): Promise<ObservedContents> {
  const [schemas] = await jsonValues(client, [
    sessionSettings,
    "SELECT jsonb_agg(nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'slipway')",
  ]);
  const objects = { tables: [], sequences: [], functions: [] };
  const names = (schemas ?? []) as readonly string[];
  return observeContents(client, { schemas: names, objects, grantees, hasFiles: false }, facts);
}
