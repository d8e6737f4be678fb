-- hectic bundle, file 1 of 4: which version of the bundle a database carries.
-- Runs first and raises before anything changes when the database carries another version, or when somebody that the
-- caller need not trust owns part of the schema. PostgreSQL 14 to 18; idempotent; no transaction control, so that a caller
-- can put all four files into one transaction (psql --single-transaction), which this lock then serialises.

DO $check$
DECLARE
  bundle    constant text := '0.1.0';
  installed text;
  foreigners text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('hectic bundle', 0));

  IF to_regclass('hectic.version') IS NOT NULL THEN
    SELECT v.version INTO installed FROM hectic.version v WHERE v.name = 'hectic';
  END IF;
  IF installed <> bundle THEN
    RAISE EXCEPTION 'database % carries version % of the hectic bundle, this bundle is version %',
      current_database(), installed, bundle
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = format('Nothing was changed. Use the release that brings version %s, or leave the bundle alone (--no-hook). '
                          'To go on with version %s once its changes are known to be harmless here: '
                          'UPDATE hectic.version SET version = %L WHERE name = ''hectic'';', installed, bundle, bundle);
  END IF;

  -- CREATE OR REPLACE and IF NOT EXISTS keep an object's owner, and whoever owns a function of the bundle, or a table that one
  -- writes to, could change what superusers run. Only the parents belong to the database's owner (inheritance.sql says why).
  SELECT string_agg(format('%s (owner %s)', thing.name, thing.owner::regrole), ', ' ORDER BY thing.name) INTO foreigners
  FROM (
    SELECT 'schema hectic' AS name, n.nspowner AS owner FROM pg_namespace n WHERE n.nspname = 'hectic'
    UNION ALL
    SELECT format('relation hectic.%I', c.relname), c.relowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'hectic' AND c.relkind NOT IN ('i', 'c')
      AND NOT (c.relname IN ('created_at', 'updated_at', 'immutable') AND c.relowner = 'pg_database_owner'::regrole)
    UNION ALL
    SELECT format('function hectic.%I', p.proname), p.proowner
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'hectic'
  ) AS thing
  JOIN pg_roles r ON r.oid = thing.owner
  WHERE NOT r.rolsuper AND r.rolname <> current_user;
  IF foreigners IS NOT NULL THEN
    RAISE EXCEPTION 'the hectic schema is not only ours: %', foreigners
      USING ERRCODE = 'insufficient_privilege',
            HINT = format('Nothing was changed. If you trust what is there, give it to %I (ALTER … OWNER TO) and apply again.',
                          current_user);
  END IF;
END
$check$;

CREATE SCHEMA IF NOT EXISTS hectic;
-- Whoever creates a table names the parents in it; rights on what the schema holds are given one by one.
GRANT USAGE ON SCHEMA hectic TO PUBLIC;

CREATE TABLE IF NOT EXISTS hectic.version (
  name         text        PRIMARY KEY,
  version      text        NOT NULL,
  installed_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON hectic.version TO PUBLIC;
COMMENT ON TABLE hectic.version IS 'One row: the version of the hectic bundle in this database';

INSERT INTO hectic.version (name, version) VALUES ('hectic', '0.1.0') ON CONFLICT (name) DO NOTHING;
