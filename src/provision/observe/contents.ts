import type pg from 'pg';
import { jsonValues, nameArray, sessionSettings } from '../server.js';
import { type AclJson, aclSql, explode, readAcl } from './acl.js';
import { activitySql } from './databases.js';
import { observeFiles } from './files.js';
import type { Activity, ObjectKind, ObservedContents, ObservedDefault, ServerFacts } from './observed.js';

/** What has to be known of a database's inside. */
export interface ContentsQuestion {
  readonly schemas: readonly string[];
  /** Schemas whose objects are granted on, by the kind of the objects. */
  readonly objects: Readonly<Record<ObjectKind, readonly string[]>>;
  /** Users whose privileges on objects matter. */
  readonly grantees: readonly string[];
  readonly hasFiles: boolean;
}

/** Reads what is asked for in one round trip, and one more for a record of SQL files. What it costs does not grow with the grants. */
export async function observeContents(
  client: pg.Client,
  question: ContentsQuestion,
  facts: ServerFacts,
): Promise<ObservedContents> {
  const answers = await jsonValues(client, [sessionSettings, ...queries(question, facts)]);
  const [activity, schemas, extensions, relations, routines, defaults] = answers;
  return {
    activity: activity as Activity,
    schemas: new Map(rows<SchemaRow>(schemas).map(({ name, owner, acl }) => [name, { owner, acl: readAcl(acl) }])),
    extensions: new Map(rows<ExtensionRow>(extensions).map(({ name, ...row }) => [name, row])),
    objects: [...rows<ObjectRow>(relations), ...rows<ObjectRow>(routines)].map(withAcl),
    defaultPrivileges: rows<DefaultRow>(defaults).map((row) => ({ ...withAcl(row), schema: row.schema ?? undefined })),
    files: question.hasFiles ? await observeFiles(client) : new Map(),
  };
}

interface SchemaRow {
  readonly name: string;
  readonly owner: string;
  readonly acl: AclJson;
}

interface ExtensionRow {
  readonly name: string;
  readonly schema: string;
  readonly version: string;
}

interface ObjectRow {
  readonly kind: ObjectKind;
  readonly schema: string;
  readonly identity: string;
  readonly owner: string;
  readonly acl: AclJson;
}

interface DefaultRow extends Omit<ObservedDefault, 'acl' | 'schema'> {
  readonly schema: string | null;
  readonly acl: AclJson;
}

function rows<T>(answer: unknown): readonly T[] {
  return (answer ?? []) as readonly T[];
}

function withAcl<T extends { readonly acl: AclJson }>(row: T): Omit<T, 'acl'> & { acl: ReturnType<typeof readAcl> } {
  return { ...row, acl: readAcl(row.acl) };
}

function queries({ schemas, objects, grantees }: ContentsQuestion, facts: ServerFacts): readonly string[] {
  const own = '(SELECT oid FROM pg_database WHERE datname = current_database())';
  return [
    `SELECT ${activitySql(own, facts)}`,
    `SELECT jsonb_agg(found) FROM (
      SELECT nspname AS name, pg_get_userbyid(nspowner) AS owner, ${aclSql('nspacl', 'n', 'nspowner')} AS acl
      FROM pg_namespace WHERE nspname = ANY (${nameArray(schemas)})) found`,
    `SELECT jsonb_agg(found) FROM (
      SELECT extname AS name, nspname AS schema, extversion AS version
      FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace) found`,
    relationQuery(objects.tables, objects.sequences, grantees),
    routineQuery(objects.functions, grantees),
    `SELECT jsonb_agg(found) FROM (
      SELECT pg_get_userbyid(defaclrole) AS "forRole", nspname AS schema, ${defaultKind} AS kind, ${explode('defaclacl')} AS acl
      FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace WHERE defaclobjtype IN ('r', 'S', 'f', 'T', 'n')) found`,
  ];
}

const defaultKind = `CASE defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
  WHEN 'T' THEN 'types' ELSE 'schemas' END`;

/** The kinds of relations that GRANT … ON ALL TABLES IN SCHEMA takes (aclchk.c, getRelationsInNamespace). */
function relationQuery(tables: readonly string[], sequences: readonly string[], grantees: readonly string[]): string {
  if (tables.length + sequences.length === 0) return 'SELECT NULL::jsonb';
  const acl = (kind: string) => ofGrantees(`coalesce(relacl, acldefault('${kind}', relowner))`, grantees);
  return `SELECT jsonb_agg(found) FROM (
    SELECT CASE relkind WHEN 'S' THEN 'sequences' ELSE 'tables' END AS kind, nspname AS schema,
      format('%I.%I', nspname, relname) AS identity, pg_get_userbyid(relowner) AS owner,
      CASE relkind WHEN 'S' THEN ${acl('s')} ELSE ${acl('r')} END AS acl
    FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'S' AND nspname = ANY (${nameArray(sequences)})
      OR relkind IN ('r', 'v', 'm', 'f', 'p') AND nspname = ANY (${nameArray(tables)}) ORDER BY relname) found`;
}

function routineQuery(schemas: readonly string[], grantees: readonly string[]): string {
  if (schemas.length === 0) return 'SELECT NULL::jsonb';
  return `SELECT jsonb_agg(found) FROM (
    SELECT 'functions' AS kind, nspname AS schema,
      format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid)) AS identity,
      pg_get_userbyid(proowner) AS owner,
      ${ofGrantees(`coalesce(proacl, acldefault('f', proowner))`, grantees)} AS acl
    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
    WHERE nspname = ANY (${nameArray(schemas)}) ORDER BY proname) found`;
}

/** An ACL without the grantees that nobody asks about. */
function ofGrantees(acl: string, grantees: readonly string[]): string {
  const oids = `ARRAY(SELECT oid FROM pg_roles WHERE rolname = ANY (${nameArray(grantees)}))`;
  return explode(
    `(SELECT array_agg(item) FROM unnest(${acl}) item, aclexplode(ARRAY[item]) one WHERE one.grantee = ANY (${oids}))`,
  );
}
