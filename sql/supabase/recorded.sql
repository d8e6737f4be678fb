-- Prints the record as sha256sum does, a line for each file: its hash, two blanks, its name. Nothing when there is no record.
\set QUIET on
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
SELECT pg_catalog.to_regclass('supabase_slipway.migration') IS NOT NULL AS has_ledger \gset
\if :has_ledger
SELECT DISTINCT ON (m.file) m.sha256 || '  ' || m.file FROM supabase_slipway.migration m ORDER BY m.file, m.id DESC;
\endif
