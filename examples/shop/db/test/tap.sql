-- Assertions that print the Test Anything Protocol, without an extension. A test file includes this inside its transaction and
-- rolls all of it back:
--   BEGIN;
--   \ir tap.sql
--   SELECT tap.plan(1);
--   SELECT tap.is(1 + 1, 2, 'addition works');
--   ROLLBACK;
CREATE SCHEMA tap;
CREATE SEQUENCE tap.assertion;
GRANT USAGE ON SCHEMA tap TO PUBLIC; -- tests change roles
GRANT USAGE ON SEQUENCE tap.assertion TO PUBLIC;

CREATE FUNCTION tap.plan(assertions integer) RETURNS text LANGUAGE sql
RETURN '1..' || assertions;

CREATE FUNCTION tap.ok(condition boolean, description text) RETURNS text LANGUAGE sql
RETURN format('%s %s - %s', CASE WHEN condition THEN 'ok' ELSE 'not ok' END, nextval('tap.assertion'), description);

CREATE FUNCTION tap.is(actual anyelement, expected anyelement, description text) RETURNS text LANGUAGE sql
AS $function$
  SELECT tap.ok(actual IS NOT DISTINCT FROM expected, description)
    || CASE WHEN actual IS DISTINCT FROM expected
            THEN format(E'\n#   have: %s\n#   want: %s', coalesce(actual::text, 'NULL'), coalesce(expected::text, 'NULL'))
            ELSE '' END
$function$;

-- Runs a statement that must fail with this SQLSTATE.
CREATE FUNCTION tap.refuses(statement text, expected_sqlstate text, description text) RETURNS text LANGUAGE plpgsql
AS $function$
BEGIN
  EXECUTE statement;
  RETURN tap.ok(false, description) || E'\n#   it was accepted';
EXCEPTION WHEN OTHERS THEN
  RETURN tap.is(SQLSTATE, expected_sqlstate, description)
    || CASE WHEN SQLSTATE <> expected_sqlstate THEN E'\n#   ' || SQLERRM ELSE '' END;
END
$function$;
