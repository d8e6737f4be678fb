-- Supabase, file 6 of 7: the schema in which the realtime service keeps its own tables. Nothing else: public is the user's.
-- psql variables: pguser (POSTGRES_USER, else the session's user), realtime_schema (else _realtime).
\set QUIET on
\set ON_ERROR_STOP on
\getenv pguser POSTGRES_USER
\if :{?pguser} \else \set pguser '' \endif
\if :{?realtime_schema} \else \set realtime_schema _realtime \endif

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;
SELECT coalesce(nullif(:'pguser', ''), current_user) AS pguser \gset
CREATE SCHEMA IF NOT EXISTS :"realtime_schema" AUTHORIZATION :"pguser";
DO $wal$
BEGIN
  IF current_setting('wal_level') <> 'logical' THEN
    RAISE WARNING 'wal_level is %: Realtime cannot follow changes of tables', current_setting('wal_level')
      USING HINT = 'Set wal_level = logical and restart the server.';
  END IF;
END
$wal$;
COMMIT;
