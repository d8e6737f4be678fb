-- hectic bundle, file 2 of 4: secrets, encrypted at rest.
--   SELECT hectic.load_secrets_from_env('STRIPE_KEY=…');   -- replaces all secrets; dotenv text
--   SELECT hectic.get_secret('STRIPE_KEY');                -- clear text, NULL when there is no such secret
-- Values are OpenPGP messages made by pgcrypto: AES-256 in CFB mode with a random prefix and salt, and an integrity check,
-- so that a wrong key or a changed byte is an error and not rubbish. The key is the setting hectic.secret_key of the session,
-- else the file hectic_secret.key in the server's data directory. Neither is part of a logical dump.

CREATE SCHEMA IF NOT EXISTS hectic;
GRANT USAGE ON SCHEMA hectic TO PUBLIC;

DO $pgcrypto$
BEGIN
  IF to_regclass('hectic.secret') IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass('hectic.secret') AND a.attname = 'ciphertext'
  ) THEN
    RAISE EXCEPTION 'hectic.secret was made by an older tool and holds clear text'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'It is a copy of the dotenv file. Keep what you need of it, then: DROP TABLE hectic.secret; '
                   'DROP FUNCTION IF EXISTS hectic.get_secret(text), hectic.load_secrets_from_env(text); '
                   'apply the bundle again and load the dotenv file.';
  END IF;
  -- In any schema: projects may have it elsewhere, or move it later (ALTER EXTENSION pgcrypto SET SCHEMA …).
  IF NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'pgcrypto') THEN
    EXECUTE format('CREATE EXTENSION pgcrypto SCHEMA %I', coalesce(to_regnamespace('public')::text, 'hectic'));
  END IF;
END
$pgcrypto$;

CREATE TABLE IF NOT EXISTS hectic.secret (
  name       text        PRIMARY KEY,
  ciphertext bytea       NOT NULL,
  loaded_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE hectic.secret IS 'Secrets as OpenPGP messages; read them with hectic.get_secret(name)';
REVOKE ALL ON TABLE hectic.secret FROM PUBLIC;

-- Runs with the rights of get_secret and load_secrets_from_env: their owner may read the server's files, their callers not.
CREATE OR REPLACE FUNCTION hectic.secret_key() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  secret_key text := nullif(current_setting('hectic.secret_key', true), '');
  reason     text := 'The file hectic_secret.key is not in the server''s data directory.';
BEGIN
  IF secret_key IS NOT NULL THEN
    RETURN secret_key;
  END IF;
  BEGIN
    secret_key := btrim(pg_read_file('hectic_secret.key', 0, 4096, true), E' \t\r\n');
  EXCEPTION WHEN insufficient_privilege THEN
    reason := format('The file hectic_secret.key in the server''s data directory cannot be read: %s.', SQLERRM);
  END;
  IF secret_key = '' THEN
    reason := 'The file hectic_secret.key in the server''s data directory is empty.';
  END IF;
  IF coalesce(secret_key, '') = '' THEN
    RAISE EXCEPTION 'there is no key for the secrets of this database'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'The session has no setting hectic.secret_key. ' || reason,
            HINT = 'Local cluster: run database init, which makes the key file. Any other server: put a random key into that '
                   'file (owner the server''s account, mode 0600), or give it to the session as hectic.secret_key.';
  END IF;
  RETURN secret_key;
END
$function$;

-- The qualified name of a function of pgcrypto, wherever the extension is now. Callers run it with their owner's rights, so it
-- must be the real one: only superusers can make functions in C.
CREATE OR REPLACE FUNCTION hectic.pgcrypto(function_name name, arguments text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  home regnamespace := (
    SELECT p.pronamespace FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.proname = function_name AND pg_get_function_identity_arguments(p.oid) = arguments
      AND l.lanname = 'c' AND p.probin LIKE '%pgcrypto'
    LIMIT 1
  );
BEGIN
  IF home IS NULL THEN
    RAISE EXCEPTION 'the extension pgcrypto is gone from this database'
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Run: CREATE EXTENSION pgcrypto;';
  END IF;
  RETURN format('%s.%I', home, function_name);
END
$function$;

CREATE OR REPLACE FUNCTION hectic.get_secret(secret_name text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  encrypted bytea := (SELECT s.ciphertext FROM hectic.secret s WHERE s.name = secret_name);
  clear     text;
BEGIN
  IF encrypted IS NULL THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT %s($1, $2)', hectic.pgcrypto('pgp_sym_decrypt', 'bytea, text'))
  INTO clear USING encrypted, hectic.secret_key();
  RETURN clear;
EXCEPTION WHEN external_routine_invocation_exception THEN
  RAISE EXCEPTION 'the key does not open the secret %', quote_ident(secret_name)
    USING ERRCODE = 'object_not_in_prerequisite_state',
          DETAIL = 'It was loaded with another key, or its bytes have changed.',
          HINT = 'Set hectic.secret_key (or the key file) to the key it was loaded with, or load the dotenv file again.';
END
$function$;

-- Dotenv: one KEY=VALUE a line, blank lines and # comments, outer single or double quotes stripped, the last of equal keys
-- wins. Text after a value belongs to the value. Never shows a value: faults are named by their line numbers, all at once.
CREATE OR REPLACE FUNCTION hectic.load_secrets_from_env(dotenv text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  assignment constant text := '^(?:export[[:blank:]]+)?([A-Za-z_][A-Za-z0-9_.-]*)[[:blank:]]*=[[:blank:]]*(.*)$';
  log_level constant text := current_setting('log_min_error_statement');
  bad_lines text;
BEGIN
  BEGIN
    -- The server logs the text of failed statements, and ours may hold the values. The end puts the level back.
    PERFORM set_config('log_min_error_statement', 'panic', true);
  EXCEPTION WHEN insufficient_privilege THEN
    NULL; -- an owner without superuser's rights cannot; docs/hectic.md says what to do there
  END;

  IF dotenv IS NULL THEN
    RAISE EXCEPTION 'no dotenv text was given' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF getdatabaseencoding() = 'UTF8' THEN
    dotenv := ltrim(dotenv, chr(65279)); -- a byte order mark
  END IF;

  SELECT string_agg(l.number::text, ', ' ORDER BY l.number) INTO bad_lines
  FROM regexp_split_to_table(dotenv, E'\r?\n') WITH ORDINALITY AS l (line, number)
  WHERE btrim(l.line, E' \t\r') !~ '^(#|$)' AND btrim(l.line, E' \t\r') !~ assignment;
  IF bad_lines IS NOT NULL THEN
    RAISE EXCEPTION 'dotenv text: not KEY=VALUE on line %', bad_lines
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Each line holds KEY=VALUE, a comment that starts with #, or nothing. A value cannot span lines.';
  END IF;

  LOCK TABLE hectic.secret IN SHARE ROW EXCLUSIVE MODE; -- two loaders at once: the later one wins, whole
  DELETE FROM hectic.secret;
  EXECUTE format($sql$
    INSERT INTO hectic.secret (name, ciphertext)
    SELECT DISTINCT ON (part[1]) part[1],
           %s(regexp_replace(part[2], E'^(["\'])(.*)\\1$', E'\\2'), $2, text 'cipher-algo=aes256')
    FROM regexp_split_to_table($1, E'\r?\n') WITH ORDINALITY AS l (line, number),
         regexp_match(btrim(l.line, E' \t\r'), $3) AS part
    WHERE part IS NOT NULL
    ORDER BY part[1], l.number DESC
  $sql$, hectic.pgcrypto('pgp_sym_encrypt', 'text, text, text')) USING dotenv, hectic.secret_key(), assignment;

  IF log_level <> current_setting('log_min_error_statement') THEN
    PERFORM set_config('log_min_error_statement', log_level, true);
  END IF;
END
$function$;

REVOKE ALL ON FUNCTION hectic.secret_key(), hectic.pgcrypto(name, text), hectic.get_secret(text), hectic.load_secrets_from_env(text)
  FROM PUBLIC;
