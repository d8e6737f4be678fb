import type pg from 'pg';
import { withClient } from '../postgres/client.js';
import type { ConnectionConfig } from '../postgres/config.js';
import { type Facts, readFacts, readSecretFacts } from './catalog.js';
import { inShared, type Surroundings } from './expectations.js';
import { type LedgerEntry, readLedger } from './ledger.js';
import type { Settings } from './settings.js';

/** What counts of a server and a database before anything is done to them. */
export interface Observation extends Surroundings {
  /** As server_version says it, and its number, such as 150018. */
  readonly version: string;
  readonly versionNumber: number;
  readonly database: string;
  readonly user: string;
  readonly encoding: string;
  readonly isStandby: boolean;
  readonly ownsDatabase: boolean;
  /** Whether a role that is to own things is there, or will be made. */
  readonly hasOwner: boolean;
  /** Undefined when the database has no record. */
  readonly ledger: ReadonlyMap<string, LedgerEntry> | undefined;
  readonly facts: Facts;
}

type ServerRow = Omit<Observation, 'availableExtensions' | 'ledger' | 'facts'> & {
  readonly extensions: string[];
  readonly hasSharedDatabase: boolean;
};

const serverQuery = `
  SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS "versionNumber",
    current_database() AS database, current_user AS user, pg_is_in_recovery() AS "isStandby",
    pg_encoding_to_char(d.encoding) AS encoding, current_setting('is_superuser') = 'on' AS "isSuperuser",
    pg_has_role(d.datdba, 'MEMBER') AS "ownsDatabase",
    $1::text IS NULL OR EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS "hasOwner",
    EXISTS (SELECT FROM pg_database WHERE datname = $2) AS "hasSharedDatabase",
    (SELECT coalesce(array_agg(name::text), '{}') FROM pg_available_extensions) AS extensions,
    CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = 'supabase_admin'
      AND shobj_description(oid, 'pg_authid') IS DISTINCT FROM 'Made by Slipway for Supabase') THEN 'image' ELSE 'plain' END AS platform
  FROM pg_database d WHERE d.datname = current_database()`;

/** Looks at the database that `config` names, and at the shared one where it is there. Changes nothing. */
export function observe(config: ConnectionConfig, settings: Settings, signal?: AbortSignal): Promise<Observation> {
  const options = { signal, applicationName: 'slipway supabase' };
  return withClient(
    config,
    async (client) => {
      const { extensions, hasSharedDatabase, ...server } = await readServer(client, settings);
      const shared = hasSharedDatabase ? await readSharedFacts(config, settings.supabaseDatabase, options) : [];
      const secret = await readSecretFacts(client, settings, server);
      return {
        ...server,
        availableExtensions: new Set(extensions),
        ledger: await readLedger(client),
        facts: new Set([...(await readFacts(client)), ...shared, ...secret]),
      };
    },
    options,
  );
}

async function readServer(client: pg.Client, { owner, supabaseDatabase }: Settings): Promise<ServerRow> {
  await client.query('SET search_path = pg_catalog; SET statement_timeout = 0');
  const { rows } = await client.query<ServerRow>(serverQuery, [owner ?? null, supabaseDatabase]);
  return rows[0] as ServerRow;
}

function readSharedFacts(config: ConnectionConfig, database: string, options: { signal: AbortSignal | undefined }) {
  const shared = { ...config, database, conninfo: { ...config.conninfo, dbname: database } };
  return withClient(
    shared,
    async (client) => [...(await readFacts(client))].map((fact) => inShared(database, fact)),
    options,
  );
}
