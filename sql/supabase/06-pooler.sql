-- Supabase, file 7 of 7: the schema of the connection pooler, in the database _supabase.
-- psql variables: pguser (POSTGRES_USER, else the session's user), supabase_database (else _supabase), supavisor_schema (else _supavisor).
\set QUIET on
\set ON_ERROR_STOP on
\getenv pguser POSTGRES_USER
\if :{?pguser} \else \set pguser '' \endif
\if :{?supabase_database} \else \set supabase_database _supabase \endif
\if :{?supavisor_schema} \else \set supavisor_schema _supavisor \endif

SET search_path = pg_catalog, pg_temp;
-- A name of a database becomes a connection string: any character may be in it.
SELECT coalesce(nullif(:'pguser', ''), current_user) AS pguser,
  'dbname=''' || replace(replace(current_database(), '\', '\\'), '''', '\''') || '''' AS project_conninfo,
  'dbname=''' || replace(replace(:'supabase_database', '\', '\\'), '''', '\''') || '''' AS supabase_conninfo \gset
\connect -reuse-previous=on :"supabase_conninfo"

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;
-- Projects on one server share this database; the key is that of ledger.sql.
DO $lock$BEGIN PERFORM pg_advisory_xact_lock(32488822435963257); END$lock$;
CREATE SCHEMA IF NOT EXISTS :"supavisor_schema" AUTHORIZATION :"pguser";
COMMIT;
\connect -reuse-previous=on :"project_conninfo"
