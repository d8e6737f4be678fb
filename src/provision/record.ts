import type pg from 'pg';
import { quoteIdentifier, quoteLiteral } from '../sql/quote.js';
import type { DatabaseRecord, Observed, ObservedRole, PasswordRecord } from './observe/observed.js';
import { isRecordComment, recordAsComment } from './observe/roles.js';

/** What has been found out and is worth remembering for the next time. */
export interface Findings {
  /** By user. */
  readonly passwords: ReadonlyMap<string, PasswordRecord>;
  /** By database. */
  readonly databases: ReadonlyMap<string, DatabaseRecord>;
}

/** Writes down what is not on record yet, in the maintenance database; nothing is written when nothing is new. */
export async function writeRecord(
  client: pg.Client,
  { server, roles, databases }: Pick<Observed, 'server' | 'roles' | 'databases'>,
  findings: Findings,
): Promise<void> {
  const passwords = [...findings.passwords].flatMap(([name, record]) => {
    const role = roles.get(name);
    return role === undefined || isSame(role.record, record) ? [] : [{ role, record }];
  });
  const visits = [...findings.databases].flatMap(([name, record]) => {
    const database = databases.get(name);
    return database === undefined || isSame(database.record, record) ? [] : [{ oid: database.oid, record }];
  });
  if (passwords.length + visits.length === 0) return;
  if (server.record === 'impossible') return writeComments(client, passwords);
  await client.query(server.record === 'there' ? '' : tables);
  await client.query([...passwordStatements(passwords), ...databaseStatements(visits)].join(';\n'));
}

/** Nobody but the owner may read it: schemas and tables are made without any privileges for PUBLIC. */
const tables = `CREATE SCHEMA IF NOT EXISTS slipway;
  CREATE TABLE IF NOT EXISTS slipway.provision_password (
    user_oid oid PRIMARY KEY,
    user_name text NOT NULL,
    origin text NOT NULL,
    version bigint,
    created text,
    verifier_digest text,
    applied_at timestamptz NOT NULL DEFAULT now());
  COMMENT ON TABLE slipway.provision_password IS 'Which version of which secret slipway provision last found in force; no secret';
  CREATE TABLE IF NOT EXISTS slipway.provision_database (
    oid oid PRIMARY KEY,
    wishes text NOT NULL,
    epoch text NOT NULL,
    writes text NOT NULL,
    checked_at timestamptz NOT NULL DEFAULT now());
  COMMENT ON TABLE slipway.provision_database IS 'How far a database had been written to when slipway provision found it as wished'`;

interface PasswordEntry {
  readonly role: ObservedRole;
  readonly record: PasswordRecord;
}

function passwordStatements(entries: readonly PasswordEntry[]): readonly string[] {
  if (entries.length === 0) return [];
  const rows = entries.map(({ role, record }) => {
    const { origin, version, created, verifierDigest } = record;
    return row([role.oid, role.name, origin, version, created, verifierDigest]);
  });
  return [
    `INSERT INTO slipway.provision_password AS known (user_oid, user_name, origin, version, created, verifier_digest)
     VALUES ${rows.join(', ')}
     ON CONFLICT (user_oid) DO UPDATE SET user_name = excluded.user_name, origin = excluded.origin,
       version = excluded.version, created = excluded.created, verifier_digest = excluded.verifier_digest, applied_at = now()`,
  ];
}

function databaseStatements(entries: readonly { oid: string; record: DatabaseRecord }[]): readonly string[] {
  if (entries.length === 0) return [];
  const rows = entries.map(({ oid, record: { wishes, epoch, writes } }) => row([oid, wishes, epoch, writes]));
  return [
    `INSERT INTO slipway.provision_database (oid, wishes, epoch, writes) VALUES ${rows.join(', ')}
     ON CONFLICT (oid) DO UPDATE SET wishes = excluded.wishes, epoch = excluded.epoch, writes = excluded.writes,
       checked_at = now()`,
  ];
}

/** Untyped literals, which take the types of their columns. */
function row(values: readonly (string | number | null)[]): string {
  return `(${values.map((value) => (value === null ? 'NULL' : quoteLiteral(String(value)))).join(', ')})`;
}

/** Where no table may be made, a role's comment can at least say which version its password is; a comment of somebody else stays. */
async function writeComments(client: pg.Client, entries: readonly PasswordEntry[]): Promise<void> {
  for (const { role, record } of entries) {
    if (role.comment !== null && !isRecordComment(role.comment)) continue;
    const comment = recordAsComment(record);
    if (comment === role.comment) continue;
    await client.query(`COMMENT ON ROLE ${quoteIdentifier(role.name)} IS ${quoteLiteral(comment)}`);
  }
}

function isSame(known: object | undefined, found: object): boolean {
  return known !== undefined && JSON.stringify(known) === JSON.stringify({ ...known, ...found });
}
