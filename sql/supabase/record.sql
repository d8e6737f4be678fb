-- Adds a row to the record. psql variables: file, sha256 (64 lower-case hexadecimal digits), version, seconds (how long it took).
\set QUIET on
\set ON_ERROR_STOP on
INSERT INTO supabase_slipway.migration (file, sha256, version, duration)
VALUES (:'file', :'sha256', :'version', pg_catalog.make_interval(secs => :'seconds'));
