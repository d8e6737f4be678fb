-- hectic bundle, file 4 of 4: the parent tables and what is enforced through them.
--   hectic.created_at   every table inherits it (a table that cannot inherit carries the column itself)
--   hectic.updated_at   optional; heirs get a trigger that keeps the column
--   hectic.immutable    optional marker; heirs refuse changes outside migration mode:
--                         BEGIN; SET LOCAL hectic.migration_mode = 'on'; INSERT …; COMMIT;
-- Exempt: the schemas hectic, information_schema, pg_*, those named by hectic.inheritance_extra_excluded_schemas, temporary
-- tables, partitions, foreign tables, and what extensions make. Event triggers need a superuser to create them. They run
-- with the rights of whoever runs the DDL, so nothing here is SECURITY DEFINER, and every search_path is pinned.
-- These are guard rails for people who mean well: owners can switch triggers off.

CREATE SCHEMA IF NOT EXISTS hectic;
GRANT USAGE ON SCHEMA hectic TO PUBLIC;

CREATE TABLE IF NOT EXISTS hectic.created_at (created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS hectic.updated_at (updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS hectic.immutable ();
COMMENT ON TABLE hectic.created_at IS 'Parent of every table';
COMMENT ON TABLE hectic.updated_at IS 'Parent of tables whose updated_at is kept by a trigger';
COMMENT ON TABLE hectic.immutable IS 'Marker: parent of tables that only change in migration mode';


-- What the triggers do ------------------------------------------------------------------------------------------------

-- Without a pinned search_path, which would cost every row: the one name is qualified.
CREATE OR REPLACE FUNCTION hectic.set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  NEW.updated_at := pg_catalog.now();
  RETURN NEW;
END
$function$;

-- Whether migration mode is on, and sees to it that it ends with this transaction: a plain SET cannot be told from SET LOCAL,
-- so the session's value becomes off, and on stays as the transaction's.
CREATE OR REPLACE FUNCTION hectic.claim_migration_mode() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  mode text := lower(current_setting('hectic.migration_mode', true));
BEGIN
  IF mode IS NULL OR mode NOT IN ('on', 'true', 'yes', '1') THEN
    RETURN false;
  END IF;
  PERFORM set_config('hectic.migration_mode', 'off', false);
  PERFORM set_config('hectic.migration_mode', 'on', true);
  RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION hectic.block_immutable_dml() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  IF NOT hectic.claim_migration_mode() THEN
    RAISE EXCEPTION 'table % is immutable: % is refused outside migration mode', TG_RELID::regclass, TG_OP
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'In a migration: BEGIN; SET LOCAL hectic.migration_mode = ''on''; …; COMMIT; '
                   '(a plain SET ends with its first transaction).';
  END IF;
  RETURN CASE WHEN TG_OP = 'UPDATE' THEN NEW ELSE OLD END; -- both NULL, and of no effect, in a statement-level trigger
END
$function$;

-- A statement on a parent reaches the rows of all its heirs: DELETE FROM hectic.created_at would empty the database.
CREATE OR REPLACE FUNCTION hectic.block_parent_dml() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  RAISE EXCEPTION 'table % holds no rows of its own: % is refused', TG_RELID::regclass, TG_OP
    USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Name the table that holds the rows.';
END
$function$;


-- Who must inherit ----------------------------------------------------------------------------------------------------

-- hectic.inheritance_extra_excluded_schemas as names: commas between, blanks around and double quotes as in SQL; without quotes
-- a name counts as written and in lower case.
CREATE OR REPLACE FUNCTION hectic.extra_excluded_schemas() RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  RETURN ARRAY(
    SELECT unnest(CASE WHEN item[1] IS NOT NULL THEN ARRAY[replace(item[1], '""', '"')]
                       ELSE ARRAY[btrim(item[2]), lower(btrim(item[2]))] END)
    FROM regexp_matches(current_setting('hectic.inheritance_extra_excluded_schemas', true),
                        ' *(?:"((?:[^"]|"")*)"|([^",]+))', 'g') AS item
  );
END
$function$;

-- Whether a table inherits from a parent, directly or through others.
CREATE OR REPLACE FUNCTION hectic.descends(relation oid, parent regclass) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  RETURN EXISTS (
    WITH RECURSIVE ancestor (id) AS (
      SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = relation
      UNION
      SELECT i.inhparent FROM pg_inherits i JOIN ancestor a ON i.inhrelid = a.id
    )
    SELECT FROM ancestor a WHERE a.id = parent
  );
END
$function$;

-- Those of the candidates that must have hectic.created_at and do not. Partitioned and typed tables cannot inherit: they need its
-- column, with its default.
CREATE OR REPLACE FUNCTION hectic.tables_without_created_at(candidates oid[]) RETURNS SETOF oid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $function$
DECLARE
  excluded constant text[] := hectic.extra_excluded_schemas();
BEGIN
  RETURN QUERY
  SELECT c.oid
  FROM unnest(candidates) AS candidate (id)
  JOIN pg_class c ON c.oid = candidate.id
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND NOT c.relispartition
    AND n.nspname NOT IN ('hectic', 'information_schema') AND n.nspname !~ '^pg_'
    AND n.nspname <> ALL (excluded)
    AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype = 'e')
    AND CASE WHEN c.relkind = 'p' OR c.reloftype <> 0 THEN
          NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                      WHERE a.attrelid = c.oid AND a.attname = 'created_at' AND a.attnotnull
                        AND a.atttypid = 'timestamptz'::regtype
                        AND pg_get_expr(d.adbin, d.adrelid) IN ('now()', 'CURRENT_TIMESTAMP', 'transaction_timestamp()'))
        ELSE NOT hectic.descends(c.oid, 'hectic.created_at')
        END;
END
$function$;

-- Before ALTER: remembers the tables that have no hectic.created_at as it is (older than the bundle, detached partitions), so that
-- they can go on without it, while a table that has it cannot lose it.
CREATE OR REPLACE FUNCTION hectic.note_tables_without_created_at() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  suspects constant oid[] := ARRAY( -- nearly all tables inherit directly, which costs little to see
    SELECT c.oid FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relnamespace <> ALL (ARRAY['pg_catalog', 'information_schema', 'hectic']::regnamespace[]
        || ARRAY(SELECT n.oid::regnamespace FROM pg_namespace n WHERE n.nspname = ANY (hectic.extra_excluded_schemas())))
      AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid AND i.inhparent = 'hectic.created_at'::regclass)
  );
BEGIN
  PERFORM set_config('hectic.tables_without_created_at', ARRAY(SELECT hectic.tables_without_created_at(suspects))::text, true);
END
$function$;

CREATE OR REPLACE FUNCTION hectic.enforce_created_at_inheritance() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  excused  oid[] := '{}';
  touched  oid[];
  offender record;
BEGIN
  IF TG_TAG LIKE 'ALTER %' THEN
    excused := nullif(current_setting('hectic.tables_without_created_at', true), '')::oid[];
    IF excused IS NULL THEN
      RETURN; -- DETACH PARTITION CONCURRENTLY ends in another transaction than it began
    END IF;
  END IF;

  touched := ARRAY(
    SELECT c.objid FROM pg_event_trigger_ddl_commands() c WHERE c.classid = 'pg_class'::regclass AND NOT c.in_extension
    UNION
    SELECT t.oid FROM pg_event_trigger_ddl_commands() c JOIN pg_class t ON t.relnamespace = c.objid
    WHERE c.classid = 'pg_namespace'::regclass AND NOT c.in_extension
  );
  SELECT c.oid::regclass AS name, c.relkind, c.reloftype INTO offender
  FROM hectic.tables_without_created_at(touched) AS t (id) JOIN pg_class c ON c.oid = t.id
  WHERE c.oid <> ALL (excused)
  ORDER BY c.oid
  LIMIT 1;
  IF NOT FOUND THEN
    RETURN;
  END IF;

  RAISE EXCEPTION '%', format(CASE WHEN offender.relkind = 'p' OR offender.reloftype <> 0
                                   THEN 'table %s has no column created_at timestamptz NOT NULL DEFAULT now()'
                                   ELSE 'table %s does not inherit hectic.created_at' END, offender.name)
    USING ERRCODE = 'invalid_table_definition',
          HINT = format(CASE
            WHEN offender.relkind = 'p' THEN
              'A partitioned table cannot inherit. Give %s the column: created_at timestamptz NOT NULL DEFAULT now()'
            WHEN offender.reloftype <> 0 THEN
              'A typed table cannot inherit. Its type needs created_at timestamptz, and the table: '
              'CREATE TABLE %s OF … (created_at WITH OPTIONS NOT NULL DEFAULT now())'
            WHEN TG_TAG IN ('CREATE TABLE AS', 'SELECT INTO') THEN
              'This form cannot inherit. First: CREATE TABLE %1$s (…) INHERITS (hectic.created_at); '
              'then: INSERT INTO %1$s SELECT …'
            WHEN TG_TAG LIKE 'ALTER %' THEN
              'No table loses this parent. One that comes under the rule gets it first: ALTER TABLE %s INHERIT hectic.created_at'
            ELSE
              'Add the clause: CREATE TABLE %s (…) INHERITS (hectic.created_at)'
            END, offender.name)
            || E'\nA whole schema is left alone when hectic.inheritance_extra_excluded_schemas names it.';
END
$function$;


-- Which triggers heirs have -------------------------------------------------------------------------------------------

-- Gives a table the triggers that heirs of a parent have, or takes them away. Statement triggers refuse even what would touch no
-- row; the row trigger refuses what arrives through another parent. The argument marks a trigger as ours: one of the same name
-- that somebody made on another table is theirs, and stays.
CREATE OR REPLACE FUNCTION hectic.want_triggers(relation regclass, parent regclass, wanted boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  ours    record;
  present oid;
BEGIN
  FOR ours IN
    SELECT *
    FROM (VALUES
      ('hectic.updated_at'::regclass, 'hectic_set_updated_at', 'BEFORE UPDATE ON %s FOR EACH ROW',
       'hectic.set_updated_at'::regproc),
      ('hectic.immutable', 'hectic_block_immutable_dml', 'BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT',
       'hectic.block_immutable_dml'),
      ('hectic.immutable', 'hectic_block_immutable_truncate', 'BEFORE TRUNCATE ON %s FOR EACH STATEMENT',
       'hectic.block_immutable_dml'),
      ('hectic.immutable', 'hectic_block_immutable_rows', 'BEFORE UPDATE OR DELETE ON %s FOR EACH ROW',
       'hectic.block_immutable_dml')
    ) AS t (heir_of, name, definition, handler)
    WHERE t.heir_of = parent
  LOOP
    present := (SELECT t.tgfoid FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = ours.name AND t.tgnargs = 1);
    IF wanted AND present IS DISTINCT FROM ours.handler THEN
      EXECUTE format('CREATE OR REPLACE TRIGGER %I %s EXECUTE FUNCTION %s(''inherited'')',
                     ours.name, format(ours.definition, relation), ours.handler);
    ELSIF present IS NOT NULL AND NOT wanted THEN
      EXECUTE format('DROP TRIGGER %I ON %s', ours.name, relation);
    END IF;
  END LOOP;
END
$function$;

-- The tables that the current DDL command made or altered, with all below them, and whether they descend from the parent. Only
-- plain tables can.
CREATE OR REPLACE FUNCTION hectic.touched_tables(parent regclass) RETURNS TABLE (relation regclass, inherits boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off -- a few rows, by index
AS $function$
DECLARE
  touched constant oid[] := ARRAY(
    SELECT c.objid FROM pg_event_trigger_ddl_commands() c WHERE c.classid = 'pg_class'::regclass
  );
BEGIN
  RETURN QUERY
  WITH RECURSIVE affected (id) AS (
    SELECT t.id FROM unnest(touched) AS t (id)
    UNION
    SELECT i.inhrelid FROM pg_inherits i JOIN affected a ON i.inhparent = a.id
  )
  SELECT c.oid::regclass, hectic.descends(c.oid, parent)
  FROM affected a JOIN pg_class c ON c.oid = a.id
  WHERE c.relkind = 'r' AND NOT c.relispartition AND c.reloftype = 0 AND c.relnamespace <> 'hectic'::regnamespace;
END
$function$;

CREATE OR REPLACE FUNCTION hectic.attach_updated_at_trigger() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  PERFORM hectic.want_triggers(t.relation, 'hectic.updated_at', t.inherits) FROM hectic.touched_tables('hectic.updated_at') AS t;
END
$function$;

CREATE OR REPLACE FUNCTION hectic.attach_immutable_triggers() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  PERFORM hectic.want_triggers(t.relation, 'hectic.immutable', t.inherits) FROM hectic.touched_tables('hectic.immutable') AS t;
END
$function$;


-- Rights, and the triggers themselves ---------------------------------------------------------------------------------

-- Whatever the default privileges here are: whoever runs DDL or DML runs these, with no more rights than their own.
GRANT EXECUTE ON FUNCTION
  hectic.set_updated_at(), hectic.block_immutable_dml(), hectic.block_parent_dml(), hectic.claim_migration_mode(),
  hectic.extra_excluded_schemas(), hectic.tables_without_created_at(oid[]), hectic.descends(oid, regclass),
  hectic.touched_tables(regclass), hectic.want_triggers(regclass, regclass, boolean)
TO PUBLIC;

DO $parents$
DECLARE
  parent regclass;
BEGIN
  FOREACH parent IN ARRAY ARRAY['hectic.created_at', 'hectic.updated_at', 'hectic.immutable']::regclass[] LOOP
    EXECUTE format('REVOKE ALL ON TABLE %s FROM PUBLIC', parent);
    EXECUTE format('CREATE OR REPLACE TRIGGER hectic_block_parent_dml BEFORE INSERT OR UPDATE OR DELETE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION hectic.block_parent_dml()', parent);
    EXECUTE format('CREATE OR REPLACE TRIGGER hectic_block_parent_truncate BEFORE TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION hectic.block_parent_dml()', parent);
    -- PostgreSQL lets only a parent's owner inherit from it: so that means the database's owner, and those granted that role.
    IF (SELECT c.relowner <> 'pg_database_owner'::regrole FROM pg_class c WHERE c.oid = parent) THEN
      EXECUTE format('ALTER TABLE %s OWNER TO pg_database_owner', parent);
    END IF;
  END LOOP;

  -- Tables that inherited before these triggers were there.
  PERFORM hectic.want_triggers(c.oid, p.parent, true)
  FROM pg_class c, (VALUES ('hectic.updated_at'::regclass), ('hectic.immutable')) AS p (parent)
  WHERE c.relkind = 'r' AND hectic.descends(c.oid, p.parent);
END
$parents$;

DO $event_triggers$
DECLARE
  wanted  record;
  present pg_event_trigger;
BEGIN
  FOR wanted IN
    SELECT *
    FROM (VALUES
      ('hectic_note_tables_without_created_at', 'ddl_command_start', 'hectic.note_tables_without_created_at'::regproc,
       ARRAY['ALTER TABLE', 'ALTER SCHEMA']),
      ('hectic_enforce_created_at_inheritance', 'ddl_command_end', 'hectic.enforce_created_at_inheritance',
       ARRAY['CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE SCHEMA', 'ALTER TABLE', 'ALTER SCHEMA']),
      ('hectic_attach_updated_at_trigger', 'ddl_command_end', 'hectic.attach_updated_at_trigger',
       ARRAY['CREATE TABLE', 'CREATE SCHEMA', 'ALTER TABLE']),
      ('hectic_attach_immutable_triggers', 'ddl_command_end', 'hectic.attach_immutable_triggers',
       ARRAY['CREATE TABLE', 'CREATE SCHEMA', 'ALTER TABLE'])
    ) AS t (name, event, handler, tags)
  LOOP
    SELECT * INTO present FROM pg_event_trigger e WHERE e.evtname = wanted.name;
    CONTINUE WHEN present.evtevent = wanted.event AND present.evtfoid = wanted.handler AND present.evttags = wanted.tags;
    IF present.evtname IS NOT NULL THEN
      EXECUTE format('DROP EVENT TRIGGER %I', wanted.name);
    END IF;
    EXECUTE format('CREATE EVENT TRIGGER %I ON %s WHEN TAG IN (%s) EXECUTE FUNCTION %s()', wanted.name, wanted.event,
                   (SELECT string_agg(quote_literal(tag), ', ') FROM unnest(wanted.tags) AS tag), wanted.handler);
  END LOOP;
END
$event_triggers$;
