-- Supabase, file 5 of 7: database webhooks, which are triggers that send a row through the extension pg_net.
-- Without pg_net everything else is made, and a warning says so; run the file again when the extension is there.
-- A function that does not carry our comment is somebody else's and stays as it is.
-- psql variables: pguser (POSTGRES_USER, else the session's user) stands in for the role postgres on a server that has none.
\set QUIET on
\set ON_ERROR_STOP on
\getenv pguser POSTGRES_USER
\if :{?pguser} \else \set pguser '' \endif

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;
-- Roles belong to the whole server: an initialisation of another database, which no advisory lock sees, waits here.
LOCK TABLE pg_authid IN SHARE ROW EXCLUSIVE MODE;
SELECT coalesce((SELECT rolname FROM pg_roles WHERE rolname = 'postgres'), nullif(:'pguser', ''), current_user) AS administrator \gset
SET LOCAL slipway.administrator = :'administrator';

DO $tables$
DECLARE
  callers constant text := format('%I, anon, authenticated, service_role', current_setting('slipway.administrator'));
  kind text;
BEGIN
  IF to_regrole('supabase_functions_admin') IS NULL THEN
    CREATE ROLE supabase_functions_admin LOGIN NOINHERIT CREATEROLE;
    COMMENT ON ROLE supabase_functions_admin IS 'Made by Slipway for Supabase';
  END IF;

  IF to_regnamespace('supabase_functions') IS NULL THEN
    CREATE SCHEMA supabase_functions AUTHORIZATION supabase_admin;
    EXECUTE 'GRANT USAGE ON SCHEMA supabase_functions TO ' || callers;
    FOREACH kind IN ARRAY ARRAY['TABLES', 'FUNCTIONS', 'SEQUENCES'] LOOP
      EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA supabase_functions GRANT ALL ON %s TO %s', kind, callers);
    END LOOP;
    GRANT ALL ON SCHEMA supabase_functions TO supabase_functions_admin;
    ALTER ROLE supabase_functions_admin SET search_path = supabase_functions;
    EXECUTE format('GRANT supabase_functions_admin TO %I', current_setting('slipway.administrator'));
  END IF;

  IF to_regclass('supabase_functions.migrations') IS NULL THEN
    CREATE TABLE supabase_functions.migrations (
      version     text PRIMARY KEY,
      inserted_at timestamptz NOT NULL DEFAULT now()
    );
    ALTER TABLE supabase_functions.migrations OWNER TO supabase_functions_admin;
  END IF;
  IF to_regclass('supabase_functions.hooks') IS NULL THEN
    CREATE TABLE supabase_functions.hooks (
      id            bigserial PRIMARY KEY,
      hook_table_id integer NOT NULL,
      hook_name     text NOT NULL,
      created_at    timestamptz NOT NULL DEFAULT now(),
      request_id    bigint
    );
    CREATE INDEX supabase_functions_hooks_request_id_idx ON supabase_functions.hooks (request_id);
    CREATE INDEX supabase_functions_hooks_h_table_id_h_name_idx ON supabase_functions.hooks (hook_table_id, hook_name);
    COMMENT ON TABLE supabase_functions.hooks IS 'What the webhooks of this database have sent: one row for each request';
    ALTER TABLE supabase_functions.hooks OWNER TO supabase_functions_admin;
  END IF;
END
$tables$;

SELECT coalesce(obj_description(to_regprocedure('supabase_functions.http_request()'), 'pg_proc') LIKE '%(made by Slipway)',
  to_regprocedure('supabase_functions.http_request()') IS NULL) AS is_ours \gset
\if :is_ours
-- Trigger arguments: url, method (GET, POST), headers, parameters, timeout in milliseconds.
CREATE OR REPLACE FUNCTION supabase_functions.http_request() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = supabase_functions, pg_temp
AS $function$
DECLARE
  -- What is left out may also be written as the word null.
  url     constant text := nullif(nullif(TG_ARGV[0], 'null'), '');
  method  constant text := nullif(nullif(TG_ARGV[1], 'null'), '');
  headers constant jsonb := coalesce(nullif(TG_ARGV[2], 'null')::jsonb, '{"Content-Type": "application/json"}');
  params  constant jsonb := coalesce(nullif(TG_ARGV[3], 'null')::jsonb, '{}');
  timeout constant integer := coalesce(nullif(TG_ARGV[4], 'null')::integer, 1000);
  request bigint;
BEGIN
  IF url IS NULL THEN
    RAISE EXCEPTION 'webhook %: url argument is missing', quote_ident(TG_NAME);
  ELSIF method IS NULL THEN
    RAISE EXCEPTION 'webhook %: method argument is missing', quote_ident(TG_NAME);
  ELSIF method = 'GET' THEN
    request := net.http_get(url, params, headers, timeout);
  ELSIF method = 'POST' THEN
    request := net.http_post(url, jsonb_build_object('old_record', OLD, 'record', NEW, 'type', TG_OP,
      'table', TG_TABLE_NAME, 'schema', TG_TABLE_SCHEMA), params, headers, timeout);
  ELSE
    RAISE EXCEPTION 'webhook %: method argument % is invalid', quote_ident(TG_NAME), quote_literal(method)
      USING HINT = 'It is GET or POST.';
  END IF;
  INSERT INTO supabase_functions.hooks (hook_table_id, hook_name, request_id)
  VALUES (TG_RELID::bigint::integer, TG_NAME, request);
  RETURN coalesce(NEW, OLD);
END
$function$;
COMMENT ON FUNCTION supabase_functions.http_request() IS 'Sends a row to the URL of its trigger (made by Slipway)';
ALTER FUNCTION supabase_functions.http_request() OWNER TO supabase_functions_admin;
REVOKE ALL ON FUNCTION supabase_functions.http_request() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION supabase_functions.http_request() TO :"administrator", anon, authenticated, service_role;
\endif
INSERT INTO supabase_functions.migrations (version) VALUES ('initial'), ('20210809183423_update_grants') ON CONFLICT DO NOTHING;
GRANT ALL ON ALL TABLES IN SCHEMA supabase_functions TO supabase_functions_admin;
GRANT ALL ON ALL SEQUENCES IN SCHEMA supabase_functions TO supabase_functions_admin;

-- Who may send is the same whether pg_net is there already or comes later: one text for both.
SELECT $body$
DECLARE
  callers constant text := $body$ || quote_literal(format(
    'supabase_functions_admin, %I, anon, authenticated, service_role', :'administrator')) || $body$;
  request regprocedure;
BEGIN
  EXECUTE 'GRANT USAGE ON SCHEMA net TO ' || callers;
  -- By name: their arguments have changed from release to release.
  FOR request IN
    SELECT p.oid FROM pg_proc p WHERE p.pronamespace = to_regnamespace('net') AND p.proname IN ('http_get', 'http_post')
  LOOP
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = net', request);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', request);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s', request, callers);
  END LOOP;
END$body$ AS grant_pg_net_access \gset

SELECT coalesce(obj_description(to_regprocedure('extensions.grant_pg_net_access()'), 'pg_proc') LIKE '%(made by Slipway)',
  to_regprocedure('extensions.grant_pg_net_access()') IS NULL) AS is_ours,
  format('BEGIN IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() c JOIN pg_extension e ON e.oid = c.objid '
    'WHERE e.extname = ''pg_net'') THEN %s; END IF; END', :'grant_pg_net_access') AS on_create_extension \gset
\if :is_ours
CREATE OR REPLACE FUNCTION extensions.grant_pg_net_access() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS :'on_create_extension';
COMMENT ON FUNCTION extensions.grant_pg_net_access() IS 'Gives the roles of Supabase access to pg_net (made by Slipway)';
\endif
SELECT NOT EXISTS (SELECT FROM pg_event_trigger t WHERE t.evtname = 'issue_pg_net_access') AS is_missing \gset
\if :is_missing
CREATE EVENT TRIGGER issue_pg_net_access ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION')
  EXECUTE FUNCTION extensions.grant_pg_net_access();
\endif

DO $pg_net$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_available_extensions a WHERE a.name = 'pg_net') THEN
    RAISE WARNING 'extension pg_net is unavailable on this server: webhooks will not be sent'
      USING HINT = 'Install it, then: CREATE EXTENSION pg_net SCHEMA extensions;';
    RETURN;
  END IF;
  CREATE EXTENSION IF NOT EXISTS pg_net SCHEMA extensions;
EXCEPTION WHEN OTHERS THEN
  RAISE WARNING 'extension pg_net cannot be made: %: webhooks will not be sent', SQLERRM
    USING HINT = 'See to that, then: CREATE EXTENSION pg_net SCHEMA extensions;';
END
$pg_net$;
SELECT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'pg_net') AS is_installed \gset
\if :is_installed
DO :'grant_pg_net_access';
\endif
COMMIT;
