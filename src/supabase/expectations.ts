import { jwtSecretFact, loginsOf, passwordFact } from './catalog.js';
import type { SupabaseFileName } from './files.js';
import type { Settings } from './settings.js';

/** What depends on the server and not on the settings. */
export interface Surroundings {
  /** `image` when supabase_admin was there before Slipway, as in supabase/postgres. */
  readonly platform: 'image' | 'plain';
  readonly availableExtensions: ReadonlySet<string>;
  readonly isSuperuser: boolean;
}

/** A fact about the database that analytics and the pooler share. */
export function inShared(database: string, fact: string): string {
  return `${fact} in database ${database}`;
}

const roles = [
  'supabase_admin',
  'anon',
  'authenticated',
  'service_role',
  'authenticator',
  'pgbouncer',
  'supabase_auth_admin',
  'supabase_storage_admin',
];
const schemas = ['auth', 'storage', 'realtime', 'graphql_public', 'extensions'];
const caller = 'function supabase_functions.http_request() may be called by';
const webhooks = [
  'role supabase_functions_admin',
  'schema supabase_functions',
  'table supabase_functions.hooks belongs to supabase_functions_admin',
  'table supabase_functions.migrations belongs to supabase_functions_admin',
  'function supabase_functions.http_request() belongs to supabase_functions_admin',
  'function supabase_functions.http_request() is SECURITY DEFINER',
  `${caller} anon`,
  `${caller} authenticated`,
  `${caller} service_role`,
  'event trigger issue_pg_net_access at ddl_command_end calls extensions.grant_pg_net_access',
];

/**
 * The facts that must hold after each of the seven files has been run: what makes a file due when one is missing, and what `verify`
 * looks for. Rights that an administrator may well take away again are not among them.
 */
export function expectedFacts(file: SupabaseFileName, settings: Settings, server: Surroundings): readonly string[] {
  const { supabaseDatabase, password, jwtExp, jwtSecretInDatabase } = settings;
  const extensionIf = (name: string) => (server.availableExtensions.has(name) ? [`extension ${name}`] : []);
  switch (file) {
    case '00-initial-schema.sql':
      return [
        ...roles.map((name) => `role ${name}`),
        ...schemas.map((name) => `schema ${name}`),
        ...extensionIf('uuid-ossp'),
        ...extensionIf('pgcrypto'),
        'publication supabase_realtime',
        `database ${identifier(supabaseDatabase)}`,
      ];
    case '01-roles.sql': {
      const canCompare = password !== undefined && server.isSuperuser;
      const names = loginsOf({ isOurs: server.platform === 'plain' });
      return ['role supabase_functions_admin', ...(canCompare ? names.map(passwordFact) : [])];
    }
    case '02-jwt.sql':
      return [
        ...(jwtExp === undefined ? [] : [`database sets app.settings.jwt_exp=${jwtExp}`]),
        ...(jwtSecretInDatabase ? [jwtSecretFact] : []),
      ];
    case '03-logs.sql':
      return [inShared(supabaseDatabase, 'schema _analytics')];
    case '04-webhooks.sql':
      return [...webhooks, ...extensionIf('pg_net')];
    case '05-realtime.sql':
      return ['schema _realtime'];
    case '06-pooler.sql':
      return [inShared(supabaseDatabase, 'schema _supavisor')];
  }
}

/** A name as quote_ident writes it, as far as the key words that it also quotes are not concerned. */
function identifier(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
