import { nameArray } from '../server.js';
import { readSettings } from './acl.js';
import type { Membership, ObservedRole, PasswordRecord, ServerFacts } from './observed.js';

interface RoleRow {
  readonly oid: string;
  readonly name: string;
  readonly canLogin: boolean;
  readonly isSuperuser: boolean;
  readonly connectionLimit: number;
  readonly validUntil: string | null;
  readonly settings: readonly string[] | null;
  readonly comment: string | null;
}

/** Columns of pg_auth_members; those that came with version 16 are missing before. */
interface MembershipRow {
  readonly role: string;
  readonly member: string;
  readonly row: { readonly admin_option: boolean; readonly inherit_option?: boolean; readonly set_option?: boolean };
}

/** Queries for roles, each of one JSON value; `readRoles` reads what they answer. */
export function roleQueries(names: Iterable<string>, facts: ServerFacts): readonly string[] {
  const wanted = nameArray(names);
  return [
    `SELECT jsonb_agg(found) FROM (
      SELECT r.oid, rolname AS name, rolcanlogin AS "canLogin", rolsuper AS "isSuperuser", rolconnlimit AS "connectionLimit",
        rolvaliduntil::text AS "validUntil", shobj_description(r.oid, 'pg_authid') AS comment,
        (SELECT to_jsonb(setconfig) FROM pg_db_role_setting WHERE setrole = r.oid AND setdatabase = 0) AS settings
      FROM pg_roles r WHERE rolname = ANY (${wanted})) found`,
    `SELECT jsonb_agg(found) FROM (
      SELECT granted.rolname AS role, member.rolname AS member, to_jsonb(m) AS row
      FROM pg_auth_members m JOIN pg_roles granted ON granted.oid = m.roleid JOIN pg_roles member ON member.oid = m.member
      WHERE member.rolname = ANY (${wanted})) found`,
    facts.readsVerifiers
      ? `SELECT jsonb_object_agg(rolname, rolpassword) FROM pg_authid WHERE rolname = ANY (${wanted})`
      : 'SELECT NULL::jsonb',
    facts.record === 'there'
      ? `SELECT jsonb_object_agg(user_oid, jsonb_build_object('origin', origin, 'version', version, 'created', created,
          'verifierDigest', verifier_digest)) FROM slipway.provision_password`
      : 'SELECT NULL::jsonb',
  ];
}

/** Reads the answers to `roleQueries`, in their order. */
export function readRoles([roles, memberships, verifiers, records]: readonly unknown[]): Map<string, ObservedRole> {
  const membershipsOf = groupMemberships((memberships ?? []) as readonly MembershipRow[]);
  const verifierOf = verifiers as Readonly<Record<string, string | null>> | null;
  const recordOf = (records ?? {}) as Readonly<Record<string, PasswordRecord>>;
  const read = ((roles ?? []) as readonly RoleRow[]).map(
    (row): ObservedRole => ({
      ...row,
      settings: readSettings(row.settings),
      memberships: membershipsOf.get(row.name) ?? [],
      verifier: verifierOf === null ? undefined : (verifierOf[row.name] ?? null),
      record: recordOf[row.oid] ?? recordInComment(row.comment),
    }),
  );
  return new Map(read.map((role) => [role.name, role]));
}

function groupMemberships(rows: readonly MembershipRow[]): Map<string, Membership[]> {
  const groups = new Map<string, Membership[]>();
  for (const { role, member, row } of rows) {
    const { admin_option: admin, inherit_option: inherit = true, set_option: set = true } = row;
    groups.set(member, [...(groups.get(member) ?? []), { role, admin, inherit, set }]);
  }
  return groups;
}

const commentHead = 'slipway: password from ';

/** The record of a password as a comment on its role, for servers where no table may be made. */
export function recordAsComment({ origin, version, created }: PasswordRecord): string {
  const words = [version === null ? '' : ` version ${version}`, created === null ? '' : ` of ${created}`];
  return `${commentHead}${origin}${words.join('')}`;
}

export function isRecordComment(comment: string | null): boolean {
  return comment?.startsWith(commentHead) === true;
}

function recordInComment(comment: string | null): PasswordRecord | undefined {
  const match = /^(.+?)(?: version (\d+))?(?: of (\S+))?$/.exec((comment ?? '').slice(commentHead.length));
  if (!isRecordComment(comment) || match?.[1] === undefined) return undefined;
  const version = match[2] === undefined ? null : Number(match[2]);
  return { origin: match[1], version, created: match[3] ?? null, verifierDigest: null };
}
