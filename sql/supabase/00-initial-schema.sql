-- Supabase, file 1 of 7: what the image supabase/postgres has before the other files run, and the database _supabase.
-- Only what is missing is made: on the image that is the database alone, on any other PostgreSQL (14 to 18) all of it.
-- psql variables: pguser (POSTGRES_USER, else the session's user) owns the database, supabase_database (else _supabase) names it.
\set QUIET on
\set ON_ERROR_STOP on
\getenv pguser POSTGRES_USER
\if :{?pguser} \else \set pguser '' \endif
\if :{?supabase_database} \else \set supabase_database _supabase \endif

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;
-- Roles belong to the whole server: an initialisation of another database, which no advisory lock sees, waits here.
LOCK TABLE pg_authid IN SHARE ROW EXCLUSIVE MODE;
SELECT coalesce(nullif(:'pguser', ''), current_user) AS pguser \gset
-- Upstream's files speak of the role postgres; a server without one has pguser in its place.
SELECT coalesce((SELECT rolname FROM pg_roles WHERE rolname = 'postgres'), :'pguser') AS administrator \gset
SET LOCAL slipway.pguser = :'pguser';
SET LOCAL slipway.administrator = :'administrator';

DO $roles$
DECLARE
  administrator constant text := current_setting('slipway.administrator');
  made    text[] := '{}';
  wanted  record;
  setting text;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES
      ('supabase_admin', 'LOGIN SUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS',
        ARRAY['search_path = "$user", public, auth, extensions']),
      ('anon', 'NOLOGIN', ARRAY['statement_timeout = 3000']),
      ('authenticated', 'NOLOGIN', ARRAY['statement_timeout = 8000']),
      ('service_role', 'NOLOGIN BYPASSRLS', '{}'),
      ('authenticator', 'LOGIN NOINHERIT', ARRAY['statement_timeout = 8000', 'lock_timeout = 8000']),
      ('pgbouncer', 'LOGIN', '{}'),
      ('supabase_auth_admin', 'LOGIN NOINHERIT CREATEROLE',
        ARRAY['search_path = auth', 'idle_in_transaction_session_timeout = 60000']),
      ('supabase_storage_admin', 'LOGIN NOINHERIT CREATEROLE', ARRAY['search_path = storage'])
    ) AS role (name, attributes, settings)
    WHERE to_regrole(role.name) IS NULL
  LOOP
    EXECUTE format('CREATE ROLE %I %s', wanted.name, wanted.attributes);
    FOREACH setting IN ARRAY wanted.settings LOOP
      EXECUTE format('ALTER ROLE %I SET %s', wanted.name, setting);
    END LOOP;
    -- 01-roles.sql knows by this comment whose supabase_admin it is.
    EXECUTE format('COMMENT ON ROLE %I IS %L', wanted.name, 'Made by Slipway for Supabase');
    made := made || wanted.name;
  END LOOP;

  -- A membership is given with the role that it is about: one that is revoked later stays revoked.
  FOR wanted IN
    SELECT * FROM (VALUES
      ('anon', 'authenticator'), ('authenticated', 'authenticator'), ('service_role', 'authenticator'),
      ('authenticator', 'supabase_storage_admin'),
      ('anon', administrator), ('authenticated', administrator), ('service_role', administrator),
      ('supabase_auth_admin', administrator), ('supabase_storage_admin', administrator)
    ) AS membership (role, member)
    WHERE (role = ANY (made) OR member = ANY (made)) AND role <> member
  LOOP
    EXECUTE format('GRANT %I TO %I', wanted.role, wanted.member);
  END LOOP;
END
$roles$;

DO $schemas$
DECLARE
  administrator constant text := current_setting('slipway.administrator');
  opened text[] := '{}';
  wanted record;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES
      -- name, the service that fills it, whether what is made in it later is open to the API's roles
      ('auth', 'supabase_auth_admin', false),
      ('storage', 'supabase_storage_admin', true),
      ('realtime', NULL, false),
      ('graphql_public', NULL, true),
      ('extensions', NULL, true),
      ('public', NULL, true)
    ) AS schema (name, service, is_open)
    WHERE CASE
      -- Every database has this one: it is taken for Supabase's when anon has been given a right to it.
      WHEN schema.name = 'public' AND to_regnamespace('public') IS NOT NULL THEN NOT EXISTS (
        SELECT FROM pg_namespace n, aclexplode(n.nspacl) AS acl
        WHERE n.nspname = 'public' AND acl.grantee = 'anon'::regrole)
      ELSE to_regnamespace(schema.name) IS NULL
    END
  LOOP
    IF to_regnamespace(wanted.name) IS NULL THEN
      EXECUTE format('CREATE SCHEMA %I AUTHORIZATION supabase_admin', wanted.name);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, anon, authenticated, service_role', wanted.name, administrator);
    IF wanted.service IS NOT NULL THEN
      EXECUTE format('GRANT ALL ON SCHEMA %I TO %I WITH GRANT OPTION', wanted.name, wanted.service);
    END IF;
    IF wanted.is_open THEN
      opened := opened || wanted.name;
    END IF;
  END LOOP;
  PERFORM set_config('slipway.opened', opened::text, true);
END
$schemas$;

DO $extensions$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN
    SELECT extension.name, extension.is_needed, a.name IS NOT NULL AS is_available
    FROM (VALUES (1, 'uuid-ossp', true), (2, 'pgcrypto', true), (3, 'pgjwt', false), (4, 'pg_stat_statements', false))
      AS extension (position, name, is_needed)
    LEFT JOIN pg_available_extensions a USING (name)
    -- One that is in another schema stays there: what uses it knows it by that name.
    WHERE NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = extension.name)
    ORDER BY extension.position
  LOOP
    IF wanted.is_available THEN
      EXECUTE format('CREATE EXTENSION %I SCHEMA extensions', wanted.name);
    ELSIF wanted.is_needed THEN
      RAISE WARNING 'extension % is unavailable on this server', wanted.name
        USING HINT = 'Install the contrib package of the server, then: CREATE EXTENSION ' || quote_ident(wanted.name)
          || ' SCHEMA extensions;';
    END IF;
  END LOOP;

  IF NOT EXISTS (SELECT FROM pg_publication p WHERE p.pubname = 'supabase_realtime') THEN
    -- What it warns of, wal_level, is for 05-realtime.sql to say.
    SET LOCAL client_min_messages = error;
    CREATE PUBLICATION supabase_realtime;
  END IF;
END
$extensions$;

-- After the extensions: what those keep from the public, such as the reset of statistics, is not to be opened to the API's roles.
DO $privileges$
DECLARE
  administrator constant text := current_setting('slipway.administrator');
  schema  text;
  creator text;
  kind    text;
BEGIN
  FOREACH schema IN ARRAY current_setting('slipway.opened')::text[] LOOP
    FOR creator IN SELECT administrator UNION SELECT current_setting('slipway.pguser') UNION SELECT 'supabase_admin' LOOP
      FOREACH kind IN ARRAY ARRAY['TABLES', 'FUNCTIONS', 'SEQUENCES'] LOOP
        EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT ALL ON %s TO %I, anon, authenticated, service_role',
          creator, schema, kind, administrator);
      END LOOP;
    END LOOP;
  END LOOP;
END
$privileges$;
COMMIT;

-- template0 cannot have sessions in the way. CREATE DATABASE allows no transaction, so the first initialisations of two databases may race:
-- the loser's error is passed over, and what counts is looked at afterwards.
\set ON_ERROR_STOP off
SELECT pg_catalog.format('CREATE DATABASE %I OWNER %I TEMPLATE template0', :'supabase_database', :'pguser')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database d WHERE d.datname OPERATOR(pg_catalog.=) :'supabase_database')
\gexec
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL slipway.supabase_database = :'supabase_database';
DO $database$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_database d WHERE d.datname = current_setting('slipway.supabase_database')) THEN
    RAISE EXCEPTION 'database % could not be made', quote_ident(current_setting('slipway.supabase_database'))
      USING HINT = 'The reason is the error before this one.';
  END IF;
END
$database$;
COMMIT;
