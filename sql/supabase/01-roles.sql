-- Supabase, file 2 of 7: one password for the roles that the services log in as.
-- The clear text is in no statement, and so in no log and no view of activity: from the environment it travels as COPY data, which
-- the server turns into a SCRAM verifier (RFC 5802, 5803). A role that has this password already is left as it is.
-- psql variables: password_verifier (SCRAM-SHA-256$…), else POSTGRES_PASSWORD of the environment; with neither, passwords stay.
\set QUIET on
\set ON_ERROR_STOP on
\getenv pgpass POSTGRES_PASSWORD

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;
-- Roles belong to the whole server: an initialisation of another database, which no advisory lock sees, waits here.
LOCK TABLE pg_authid IN SHARE ROW EXCLUSIVE MODE;

-- 04-webhooks.sql is its user; it has to be there to get its password.
DO $role$
BEGIN
  IF to_regrole('supabase_functions_admin') IS NULL THEN
    CREATE ROLE supabase_functions_admin LOGIN NOINHERIT CREATEROLE;
    COMMENT ON ROLE supabase_functions_admin IS 'Made by Slipway for Supabase';
  END IF;
END
$role$;

CREATE TEMP TABLE slipway_password (id int GENERATED ALWAYS AS IDENTITY, hex text, verifier text) ON COMMIT DROP;
\if :{?password_verifier}
  INSERT INTO slipway_password (verifier) VALUES (:'password_verifier');
\elif :{?pgpass}
  -- As hexadecimal digits no character of it can be taken for the format's own, or end up in an error's context.
  \copy slipway_password (hex) FROM PROGRAM 'printf %s "$POSTGRES_PASSWORD" | od -An -v -tx1'
  -- An empty one has no line of digits at all; it is to be refused, not taken for none.
  INSERT INTO slipway_password (hex) VALUES ('');
\endif

CREATE FUNCTION pg_temp.slipway_verifier(password bytea, salt bytea, iterations int) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  prepared bytea := password;
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
  round    bytea;
  total    bit(256);
  salted   bytea := decode(repeat('00', 32), 'hex');
  keys     bytea[];
  label    text;
BEGIN
  -- SASLprep as far as it changes a password (RFC 4013, 2.1 and 2.2); what is no UTF-8 is taken as it is, as the server does.
  IF encode(password, 'hex') !~ '^([2-7].)*$' AND getdatabaseencoding() = 'UTF8' THEN
    BEGIN
      prepared := convert_to(normalize(regexp_replace(regexp_replace(convert_from(password, 'UTF8'),
        '[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]', ' ', 'g'),
        '[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]', '', 'g'), NFKC), 'UTF8');
    EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
      NULL;
    END;
  END IF;

  -- HMAC-SHA-256 (RFC 2104) with the two pads made once, since PBKDF2 uses them twice in every round.
  IF length(prepared) > 64 THEN
    prepared := sha256(prepared);
  END IF;
  FOR i IN 0 .. length(prepared) - 1 LOOP
    inner_pad := set_byte(inner_pad, i, get_byte(prepared, i) # 54);
    outer_pad := set_byte(outer_pad, i, get_byte(prepared, i) # 92);
  END LOOP;
  round := sha256(outer_pad || sha256(inner_pad || salt || '\x00000001'::bytea));
  total := ('x' || encode(round, 'hex'))::bit(256);
  FOR i IN 2 .. iterations LOOP
    round := sha256(outer_pad || sha256(inner_pad || round));
    total := total # ('x' || encode(round, 'hex'))::bit(256);
  END LOOP;
  FOR i IN 0 .. 31 LOOP
    salted := set_byte(salted, i, substring(total FROM 8 * i + 1 FOR 8)::bit(8)::int);
  END LOOP;

  FOREACH label IN ARRAY ARRAY['Client Key', 'Server Key'] LOOP
    inner_pad := decode(repeat('36', 64), 'hex');
    outer_pad := decode(repeat('5c', 64), 'hex');
    FOR i IN 0 .. 31 LOOP
      inner_pad := set_byte(inner_pad, i, get_byte(salted, i) # 54);
      outer_pad := set_byte(outer_pad, i, get_byte(salted, i) # 92);
    END LOOP;
    keys := keys || sha256(outer_pad || sha256(inner_pad || convert_to(label, 'UTF8')));
  END LOOP;
  RETURN format('SCRAM-SHA-256$%s:%s$%s:%s', iterations, encode(salt, 'base64'),
    encode(sha256(keys[1]), 'base64'), encode(keys[2], 'base64'));
END
$function$;

DO $passwords$
DECLARE
  given    text := (SELECT verifier FROM slipway_password LIMIT 1);
  password bytea := (SELECT decode(string_agg(replace(hex, ' ', ''), '' ORDER BY id), 'hex') FROM slipway_password);
  login    record;
  parts    text[];
BEGIN
  IF given IS NULL AND password IS NULL THEN
    RETURN;
  END IF;
  IF length(password) = 0 THEN
    RAISE EXCEPTION 'the password is empty' USING ERRCODE = 'invalid_password', HINT = 'POSTGRES_PASSWORD holds it.';
  END IF;
  FOR login IN
    SELECT rolname, rolpassword FROM pg_authid
    WHERE rolname IN ('authenticator', 'pgbouncer', 'supabase_auth_admin', 'supabase_functions_admin', 'supabase_storage_admin')
      -- The image gives supabase_admin its password itself, before any of these files.
      OR (rolname = 'supabase_admin' AND shobj_description(oid, 'pg_authid') = 'Made by Slipway for Supabase')
    ORDER BY rolname
  LOOP
    IF password IS NOT NULL THEN
      parts := regexp_match(login.rolpassword, '^SCRAM-SHA-256\$(\d{1,6}):([^$]+)\$');
      CONTINUE WHEN parts IS NOT NULL
        AND login.rolpassword = pg_temp.slipway_verifier(password, decode(parts[2], 'base64'), parts[1]::int);
      -- One verifier for all: they have one password, which equal salts do not make known to anybody.
      given := coalesce(given, pg_temp.slipway_verifier(password, uuid_send(gen_random_uuid()), 4096));
    END IF;
    EXECUTE format('ALTER ROLE %I PASSWORD %L', login.rolname, given);
  END LOOP;
END
$passwords$;

DROP FUNCTION pg_temp.slipway_verifier(bytea, bytea, int);
COMMIT;
\unset pgpass
