-- What a database has of Supabase, a row for each fact: the form that `slipway supabase verify` and the tests compare. Reads only.
WITH ours (role) AS (
  SELECT oid FROM pg_catalog.pg_roles
  WHERE rolname IN ('anon', 'authenticated', 'authenticator', 'pgbouncer', 'postgres', 'service_role') OR rolname LIKE 'supabase\_%'
), schema (oid, name, owner, acl) AS (
  SELECT oid, nspname, nspowner, nspacl FROM pg_catalog.pg_namespace
  WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'supabase_slipway')
), function AS (
  SELECT p.oid::pg_catalog.regprocedure::text AS name, p.* FROM pg_catalog.pg_proc p
  JOIN schema s ON s.oid = p.pronamespace
  WHERE s.name IN ('supabase_functions', 'net') OR p.oid = pg_catalog.to_regprocedure('extensions.grant_pg_net_access()')
), facts (kind, fact) AS (
  SELECT 1, 'role ' || rolname FROM pg_catalog.pg_roles WHERE oid IN (SELECT role FROM ours)
  UNION ALL
  SELECT 2, 'role ' || rolname || ' ' || attribute.name
  FROM pg_catalog.pg_roles r, LATERAL (VALUES
    ('LOGIN', rolcanlogin), ('NOINHERIT', NOT rolinherit), ('SUPERUSER', rolsuper), ('CREATEDB', rolcreatedb),
    ('CREATEROLE', rolcreaterole), ('REPLICATION', rolreplication), ('BYPASSRLS', rolbypassrls)
  ) AS attribute (name, is_set)
  WHERE r.oid IN (SELECT role FROM ours) AND attribute.is_set
  UNION ALL
  SELECT 3, 'role ' || m.member::pg_catalog.regrole || ' is a member of ' || m.roleid::pg_catalog.regrole
  FROM pg_catalog.pg_auth_members m WHERE m.roleid IN (SELECT role FROM ours)
  UNION ALL
  SELECT 4, 'role ' || s.setrole::pg_catalog.regrole || ' sets ' || setting
  FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) AS setting
  WHERE s.setdatabase = 0 AND s.setrole IN (SELECT role FROM ours)
  UNION ALL
  SELECT 5, 'database sets ' || setting
  FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) AS setting
  WHERE s.setrole = 0 AND setting LIKE 'app.settings.%' AND setting NOT LIKE 'app.settings.jwt\_secret=%'
    AND s.setdatabase = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
  UNION ALL
  SELECT 6, 'schema ' || pg_catalog.quote_ident(name) FROM schema
  UNION ALL
  SELECT 7, 'schema ' || pg_catalog.quote_ident(name) || ' belongs to ' || owner::pg_catalog.regrole FROM schema
  UNION ALL
  SELECT 8, 'schema ' || pg_catalog.quote_ident(name) || ' gives ' || a.privilege_type || ' to ' || a.grantee::pg_catalog.regrole
  FROM schema, pg_catalog.aclexplode(acl) AS a WHERE a.grantee IN (SELECT role FROM ours)
  UNION ALL
  SELECT DISTINCT 9, 'in schema ' || pg_catalog.quote_ident(s.name) || ' new ' || CASE d.defaclobjtype
      WHEN 'r' THEN 'tables' WHEN 'f' THEN 'functions' WHEN 'S' THEN 'sequences' ELSE 'objects' END
    || ' of ' || d.defaclrole::pg_catalog.regrole || ' are open to ' || a.grantee::pg_catalog.regrole
  FROM pg_catalog.pg_default_acl d JOIN schema s ON s.oid = d.defaclnamespace, pg_catalog.aclexplode(d.defaclacl) AS a
  WHERE a.grantee IN (SELECT role FROM ours)
  UNION ALL
  SELECT 10, 'extension ' || extname || ' in ' || extnamespace::pg_catalog.regnamespace
  FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'
  UNION ALL
  SELECT 11, 'extension ' || extname FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'
  UNION ALL
  SELECT 12, 'publication ' || pg_catalog.quote_ident(pubname) FROM pg_catalog.pg_publication
  UNION ALL
  SELECT 13, CASE c.relkind WHEN 'i' THEN 'index ' WHEN 'S' THEN 'sequence ' ELSE 'table ' END || s.name || '.' || c.relname
    || ' belongs to ' || c.relowner::pg_catalog.regrole
  FROM pg_catalog.pg_class c JOIN schema s ON s.oid = c.relnamespace WHERE s.name = 'supabase_functions' AND c.relkind IN ('r', 'i', 'S')
  UNION ALL
  SELECT 14, 'function ' || name || ' belongs to ' || proowner::pg_catalog.regrole FROM function
  UNION ALL
  SELECT 15, 'function ' || name || ' is SECURITY DEFINER' FROM function WHERE prosecdef
  UNION ALL
  SELECT 16, 'function ' || name || ' sets ' || setting FROM function, pg_catalog.unnest(proconfig) AS setting
  UNION ALL
  SELECT 17, 'function ' || name || ' may be called by '
    || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::text END
  FROM function, pg_catalog.aclexplode(coalesce(proacl, pg_catalog.acldefault('f', proowner))) AS a
  WHERE a.grantee = 0 OR a.grantee IN (SELECT role FROM ours)
  UNION ALL
  SELECT 18, 'event trigger ' || evtname || ' at ' || evtevent || ' calls ' || evtfoid::pg_catalog.regproc
  FROM pg_catalog.pg_event_trigger WHERE evtname = 'issue_pg_net_access'
  UNION ALL
  SELECT 19, 'database ' || pg_catalog.quote_ident(datname) || ' belongs to ' || datdba::pg_catalog.regrole FROM pg_catalog.pg_database
  UNION ALL
  SELECT 20, 'database ' || pg_catalog.quote_ident(datname) FROM pg_catalog.pg_database
)
SELECT fact FROM facts ORDER BY kind, fact COLLATE "C";
