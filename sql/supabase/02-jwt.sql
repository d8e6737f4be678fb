-- Supabase, file 3 of 7: what SQL may know of the tokens, as settings of this database.
-- Every role that can connect can read such settings, so the secret is put there only when asked for.
-- psql variables: jwt_exp (JWT_EXP, seconds; with neither it stays as it is); jwt_secret_in_database (JWT_SECRET_IN_DATABASE, a
-- boolean, off): then the secret is JWT_SECRET of the environment.
\set QUIET on
\set ON_ERROR_STOP on
\getenv jwt_exp JWT_EXP
\getenv jwt_secret JWT_SECRET
\getenv jwt_secret_in_database JWT_SECRET_IN_DATABASE
\if :{?jwt_exp} \else \set jwt_exp '' \endif
\if :{?jwt_secret_in_database} \else \set jwt_secret_in_database off \endif

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;
SET LOCAL slipway.jwt_exp = :'jwt_exp';
CREATE TEMP TABLE slipway_jwt_secret (id int GENERATED ALWAYS AS IDENTITY, hex text) ON COMMIT DROP;
\if :jwt_secret_in_database
  \if :{?jwt_secret}
    -- As COPY data it is in no statement, and so in no log.
    \copy slipway_jwt_secret (hex) FROM PROGRAM 'printf %s "$JWT_SECRET" | od -An -v -tx1'
    -- An empty one has no line of digits at all; it is to be refused, not taken for none.
    INSERT INTO slipway_jwt_secret (hex) VALUES ('');
  \else
    DO $$BEGIN RAISE EXCEPTION 'there is no JWT secret to put into the database' USING HINT = 'Set JWT_SECRET.'; END$$;
  \endif
\endif

DO $settings$
DECLARE
  wanted record;
BEGIN
  IF current_setting('slipway.jwt_exp') !~ '^([1-9][0-9]{0,8})?$' THEN
    RAISE EXCEPTION 'JWT_EXP is no number of seconds: %', quote_literal(current_setting('slipway.jwt_exp'))
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (SELECT max(hex) FROM slipway_jwt_secret) = '' THEN
    RAISE EXCEPTION 'the JWT secret is empty' USING ERRCODE = 'invalid_parameter_value', HINT = 'JWT_SECRET holds it.';
  END IF;
  FOR wanted IN
    SELECT s.name, s.value
    FROM (VALUES
      ('app.settings.jwt_exp', nullif(current_setting('slipway.jwt_exp'), '')),
      ('app.settings.jwt_secret', (
        SELECT convert_from(decode(string_agg(replace(hex, ' ', ''), '' ORDER BY id), 'hex'), 'UTF8') FROM slipway_jwt_secret))
    ) AS s (name, value)
    WHERE s.value IS NOT NULL AND NOT EXISTS (
      SELECT FROM pg_db_role_setting o JOIN pg_database d ON d.oid = o.setdatabase
      WHERE d.datname = current_database() AND o.setrole = 0 AND (s.name || '=' || s.value) = ANY (o.setconfig))
  LOOP
    BEGIN
      EXECUTE format('ALTER DATABASE %I SET %I TO %L', current_database(), wanted.name, wanted.value);
    EXCEPTION WHEN OTHERS THEN
      -- Raised again from here: the statement itself, with the value, is not part of this error's context.
      RAISE EXCEPTION 'setting % of database %: %', wanted.name, quote_ident(current_database()), SQLERRM USING ERRCODE = SQLSTATE;
    END;
  END LOOP;
END
$settings$;
COMMIT;
\unset jwt_secret
