import { quoteLiteral } from '../../sql/quote.js';
import type { Acl } from './observed.js';

/** What the queries below answer: privileges by grantee. */
export type AclJson = Readonly<Record<string, readonly string[]>> | null;

/**
 * SQL that gives an ACL as privileges by grantee. Nothing granted yet is NULL in the catalogs and means the defaults, which
 * `acldefault` knows (documentation, "Privileges").
 * @param kind acldefault's letter for the object: d, n, r, s or f
 */
export function aclSql(acl: string, kind: string, owner: string): string {
  return explode(`coalesce(${acl}, acldefault(${quoteLiteral(kind)}, ${owner}))`);
}

/** The same for an ACL without defaults of its own. */
export function explode(acl: string): string {
  return `(SELECT jsonb_object_agg(grantee, privileges) FROM (
    SELECT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END AS grantee,
      jsonb_agg(DISTINCT a.privilege_type) AS privileges
    FROM aclexplode(${acl}) a GROUP BY 1) grants)`;
}

export function readAcl(json: AclJson): Acl {
  return new Map(Object.entries(json ?? {}).map(([grantee, privileges]) => [grantee, new Set(privileges)]));
}

/** Entries of pg_db_role_setting, `name=value`. */
export function readSettings(entries: readonly string[] | null): ReadonlyMap<string, string> {
  return new Map(
    (entries ?? []).map((entry) => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
