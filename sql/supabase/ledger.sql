-- The record of what has been run: a row for each time that a file was run to its end; the last one of a file counts.
-- Whoever runs the files holds the session advisory lock 32488822435963257 (the bytes of "slipway") of the project's database while
-- reading this record, running what it lacks and adding to it. ledger.sql makes it, record.sql adds a row, recorded.sql prints it.
\set QUIET on
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS supabase_slipway;
CREATE TABLE IF NOT EXISTS supabase_slipway.migration (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  file       text        NOT NULL CHECK (file <> ''),
  sha256     text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  version    text        NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  duration   interval    NOT NULL,
  applied_by text        NOT NULL DEFAULT session_user
);
COMMENT ON TABLE supabase_slipway.migration IS 'Supabase initialisation: files that were run, oldest first by id';
COMMENT ON COLUMN supabase_slipway.migration.version IS 'Version of Slipway that ran the file';
COMMIT;
