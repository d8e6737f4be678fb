import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { supabaseFileNames, supabasePath } from '../../src/supabase/files.js';
import { root } from '../support/cli.js';
import { runProgram } from '../support/cluster.js';
import { psqlIsMissing } from '../support/psql.js';
import { conninfoText, expand, initialise, outcomes, type Server, withPgNet, withServer } from './server.js';

const image = readFileSync(join(root, 'test', 'supabase', 'image.sql'), 'utf8');
const hasSystemServer = existsSync('/usr/lib/postgresql');
const isOld = 'there is no PostgreSQL of the system';

/** Who owns what belongs to no service, who stands for upstream's postgres, and whom the API's roles are taken for in a table. */
interface Names {
  readonly owner: string;
  readonly administrator: string;
  readonly api: string;
}

/** What the seven files add to any database, the image's or not. */
const sevenFiles = ({ owner, administrator, api }: Names) => `
  # 00 initial schema
  database _supabase
  database _supabase belongs to ${owner}
  # 01 roles, 04 webhooks
  role supabase_functions_admin
  role supabase_functions_admin {LOGIN,NOINHERIT,CREATEROLE}
  role supabase_functions_admin sets search_path=supabase_functions
  role ${administrator} is a member of supabase_functions_admin
  # 02 jwt
  database sets app.settings.jwt_exp=3600
  # 03 logs, 06 pooler
  _supabase: schema {_analytics,_supavisor,public}
  _supabase: schema {_analytics,_supavisor} belongs to ${owner}
  _supabase: schema public belongs to pg_database_owner
  # 04 webhooks
  schema supabase_functions
  schema supabase_functions belongs to supabase_admin
  schema supabase_functions gives USAGE to {${api}}
  schema supabase_functions gives {USAGE,CREATE} to {supabase_admin,supabase_functions_admin}
  in schema supabase_functions new {tables,functions,sequences} of ${owner} are open to {${api}}
  table supabase_functions.{hooks,migrations} belongs to supabase_functions_admin
  sequence supabase_functions.hooks_id_seq belongs to supabase_functions_admin
  index supabase_functions.{hooks,migrations}_pkey belongs to supabase_functions_admin
  index supabase_functions.supabase_functions_hooks_{request_id,h_table_id_h_name}_idx belongs to supabase_functions_admin
  function supabase_functions.http_request() belongs to supabase_functions_admin
  function supabase_functions.http_request() is SECURITY DEFINER
  function supabase_functions.http_request() sets search_path=supabase_functions, pg_temp
  function supabase_functions.http_request() may be called by {supabase_functions_admin,${api}}
  # 05 realtime
  schema _realtime
  schema _realtime belongs to ${owner}
`;

/** What the image has before, and any other server gets. */
const imagesPart = ({ owner, api }: Names) => `
  role {supabase_admin,anon,authenticated,service_role,authenticator,pgbouncer,supabase_auth_admin,supabase_storage_admin}
  role supabase_admin {LOGIN,SUPERUSER,CREATEDB,CREATEROLE,REPLICATION,BYPASSRLS}
  role supabase_admin sets search_path="$user", public, auth, extensions
  role anon sets statement_timeout=3000
  role authenticated sets statement_timeout=8000
  role service_role BYPASSRLS
  role authenticator {LOGIN,NOINHERIT}
  role authenticator sets {statement,lock}_timeout=8000
  role authenticator is a member of {${api}}
  role pgbouncer LOGIN
  role supabase_{auth,storage}_admin {LOGIN,NOINHERIT,CREATEROLE}
  role supabase_auth_admin sets search_path=auth
  role supabase_auth_admin sets idle_in_transaction_session_timeout=60000
  role supabase_storage_admin sets search_path=storage
  role supabase_storage_admin is a member of authenticator
  role ${owner} is a member of {anon,authenticated,service_role,supabase_auth_admin,supabase_storage_admin}
  schema {auth,storage,realtime,graphql_public,extensions}
  schema {auth,storage,realtime,graphql_public,extensions} belongs to supabase_admin
  schema {auth,storage,realtime,graphql_public,extensions} gives {USAGE,CREATE} to supabase_admin
  schema {auth,storage,realtime,graphql_public,extensions,public} gives USAGE to {${api}}
  schema auth gives {USAGE,CREATE} to supabase_auth_admin
  schema storage gives {USAGE,CREATE} to supabase_storage_admin
  in schema {public,storage,graphql_public,extensions} new {tables,functions,sequences} of {${owner},supabase_admin} are open to {${api}}
  extension {uuid-ossp,pgcrypto,pg_stat_statements}
  extension {uuid-ossp,pgcrypto,pg_stat_statements} in extensions
  publication supabase_realtime
  event trigger issue_pg_net_access at ddl_command_end calls extensions.grant_pg_net_access
  function extensions.grant_pg_net_access() belongs to ${owner}
  function extensions.grant_pg_net_access() sets search_path=pg_catalog, pg_temp
  function extensions.grant_pg_net_access() may be called by {PUBLIC,${api}}
`;

const pgNetsPart = ({ owner, api }: Names) => `
  extension pg_net
  extension pg_net in extensions
  schema net
  schema net belongs to ${owner}
  schema net gives CREATE to ${owner}
  schema net gives USAGE to {${owner},supabase_functions_admin,${api}}
  ${['net.http_get(text,jsonb,jsonb,integer)', 'net.http_post(text,jsonb,jsonb,jsonb,integer)']
    .map(
      (name) => `
  function ${name} belongs to ${owner}
  function ${name} is SECURITY DEFINER
  function ${name} sets search_path=net
  function ${name} may be called by {${owner},supabase_functions_admin,${api}}`,
    )
    .join('')}
`;

const hostile: Names = { owner: '"db-admin"', administrator: '"db-admin"', api: 'anon,authenticated,service_role' };
const onImage: Names = {
  owner: 'supabase_admin',
  administrator: 'postgres',
  api: 'postgres,anon,authenticated,service_role',
};
const shop = 'it\'s a "shop"=';
const env = { POSTGRES_PASSWORD: `p@ss/w:rd'"%\\ é` };

test('a plain server gets everything of the tables, and nothing else', () =>
  withServer(async (server) => {
    const before = await preparePlain(server);
    const json = await initialise(server, { user: 'db-admin', dbname: shop }, env, ['--json']);
    assert.ok(
      Object.values(outcomes(JSON.parse(json))).every((outcome) => outcome === 'applied new'),
      json,
    );
    assertAdded(before, await server.facts(shop), [sevenFiles(hostile), imagesPart(hostile)]);
    const { status, stdout, stderr } = await server.slipway(['verify'], { dbname: shop }, env);
    assert.equal(status, 0, stdout + stderr);
  }));

test('psql makes the same of the same files, once and again', { skip: psqlIsMissing }, () =>
  withServer(async (server) => {
    const before = await preparePlain(server);
    for (const round of ['first', 'second']) {
      for (const file of supabaseFileNames) await runPsql(server, file, round);
      assertAdded(before, await server.facts(shop), [sevenFiles(hostile), imagesPart(hostile)]);
    }
  }),
);

test('PostgreSQL of the system is made the same', { skip: hasSystemServer ? undefined : isOld }, () =>
  withServer(
    async (server) => {
      const before = await preparePlain(server);
      await initialise(server, { user: 'db-admin', dbname: shop }, env);
      assertAdded(before, await server.facts(shop), [sevenFiles(hostile), imagesPart(hostile)]);
    },
    { PG_BIN_DIR: 'system' },
  ),
);

test('on the image only the seven files add something, with pg_net, and what the services have stays', () =>
  withServer((server) =>
    withPgNet(server, async () => {
      await server.sql(image);
      const [before, services] = [await server.facts('postgres'), await ofServices(server)];
      const json = await initialise(server, { user: 'supabase_admin' }, env, ['--json']);
      assert.deepEqual(
        JSON.parse(json).files.flatMap((file: { warnings: string[] }) => file.warnings),
        [
          'wal_level is replica: Realtime cannot follow changes of tables (Set wal_level = logical and restart the server.)',
        ],
      );
      assertAdded(before, await server.facts('postgres'), [sevenFiles(onImage), pgNetsPart(onImage)]);
      assert.deepEqual(await ofServices(server), services);
    }),
  ));

test(
  'the image that is PostgreSQL 15 and has no pg_net is made the same',
  { skip: hasSystemServer ? undefined : isOld },
  () =>
    withServer(
      async (server) => {
        await server.sql(image);
        const [before, services] = [await server.facts('postgres'), await ofServices(server)];
        const stdout = await initialise(server, { user: 'supabase_admin' }, env);
        assert.match(stdout, /the image supabase\/postgres\n/);
        assert.match(stdout, /04-webhooks.sql: applied .*\n {2}warning: extension pg_net is unavailable/);
        assertAdded(before, await server.facts('postgres'), [sevenFiles(onImage)]);
        assert.deepEqual(await ofServices(server), services);
      },
      { PG_BIN_DIR: 'system' },
    ),
);

/** A database and a user whose names need quotes everywhere; answers what is there before. */
async function preparePlain(server: Server): Promise<string[]> {
  await server.makeDatabase(shop);
  await server.sql('CREATE ROLE "db-admin" SUPERUSER LOGIN');
  return server.facts(shop);
}

function assertAdded(before: readonly string[], after: readonly string[], tables: readonly string[]): void {
  const added = after.filter((fact) => !before.includes(fact));
  const expected = tables.flatMap(expand);
  assert.deepEqual(
    {
      unexpected: added.filter((fact) => !expected.includes(fact)),
      absent: expected.filter((fact) => !after.includes(fact)),
    },
    { unexpected: [], absent: [] },
  );
  assert.deepEqual(
    before.filter((fact) => !after.includes(fact)),
    [],
  );
}

/** What the image's services and its own scripts have made. */
function ofServices(server: Server) {
  return server.sql(`
    SELECT json_build_object(
      'functions', (SELECT json_agg(p ORDER BY p.oid) FROM pg_proc p WHERE p.oid >= 16384 AND p.pronamespace
        IN ('auth'::regnamespace, 'storage'::regnamespace, 'extensions'::regnamespace)),
      'relations', (SELECT json_agg(json_build_array(c.oid, c.relname, c.relowner, c.relacl) ORDER BY c.oid) FROM pg_class c
        WHERE c.relnamespace IN ('auth'::regnamespace, 'storage'::regnamespace)),
      'users', (SELECT json_agg(u) FROM auth.users u),
      'password', (SELECT rolpassword FROM pg_authid WHERE rolname = 'supabase_admin'),
      'triggers', (SELECT json_agg(t) FROM pg_event_trigger t))`);
}

async function runPsql(server: Server, file: string, round: string): Promise<void> {
  const conninfo = conninfoText(server.connection({ user: 'db-admin', dbname: shop }));
  const args = ['-X', '-v', 'ON_ERROR_STOP=1', '-f', supabasePath(file), conninfo];
  const { status, stdout, stderr } = await runProgram('psql', args, { env: { ...env, JWT_EXP: '3600' } });
  assert.equal(status, 0, `${file}, ${round} run: ${stderr}`);
  assert.equal(stdout, '');
}
