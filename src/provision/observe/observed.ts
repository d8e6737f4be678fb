import type { FileDigests } from '../wishes.js';

/** What the catalogs say, as far as a specification names it. Roles are known by name; PUBLIC is `public`, which no role can be called. */
export interface Observed {
  readonly server: ServerFacts;
  readonly roles: ReadonlyMap<string, ObservedRole>;
  readonly databases: ReadonlyMap<string, ObservedDatabase>;
  /** By the database's name; a database that was not there, or could not be visited, is missing. */
  readonly contents: ReadonlyMap<string, Contents>;
  /** Why a database could not be visited, by its name. */
  readonly unreachable: ReadonlyMap<string, unknown>;
  /** The SQL files of the specification as they are on disk. */
  readonly files: FileDigests;
}

export interface ServerFacts {
  /** `server_version_num`: 180004 is 18.4. */
  readonly version: number;
  readonly user: string;
  readonly isSuperuser: boolean;
  readonly isStandby: boolean;
  /** Whether pg_authid may be read, and with it the stored verifiers of passwords. */
  readonly readsVerifiers: boolean;
  /** The maintenance database takes our record: its tables are there, they can be made, or neither. */
  readonly record: 'there' | 'possible' | 'impossible';
  /** Changes when the server's statistics start anew, or when this is another server. */
  readonly statisticsEpoch: string;
}

export interface ObservedRole {
  readonly oid: string;
  readonly name: string;
  readonly canLogin: boolean;
  readonly isSuperuser: boolean;
  /** -1 is no limit. */
  readonly connectionLimit: number;
  /** `infinity` or ISO time in UTC; null when there is no end. */
  readonly validUntil: string | null;
  /** As pg_db_role_setting keeps them. */
  readonly settings: ReadonlyMap<string, string>;
  readonly memberships: readonly Membership[];
  /** `pg_authid.rolpassword`; null when there is none, undefined when it may not be read. */
  readonly verifier: string | null | undefined;
  readonly comment: string | null;
  readonly record: PasswordRecord | undefined;
}

/** A row of pg_auth_members; before version 16 members could always inherit and SET ROLE. */
export interface Membership {
  readonly role: string;
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
}

/** Which secret was last found in force for a user. */
export interface PasswordRecord {
  readonly origin: string;
  /** Version in a KV 2 engine. */
  readonly version: number | null;
  /** When that version was made, as Vault says it. */
  readonly created: string | null;
  /** SHA-256 of the stored verifier, in hex; null when it could not be read. */
  readonly verifierDigest: string | null;
}

/** Privileges by grantee. */
export type Acl = ReadonlyMap<string, ReadonlySet<string>>;

export interface ObservedDatabase {
  readonly oid: string;
  readonly name: string;
  readonly owner: string;
  readonly allowsConnections: boolean;
  /** -1 is no limit, -2 marks what an interrupted DROP DATABASE has left. */
  readonly connectionLimit: number;
  readonly isTemplate: boolean;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  readonly provider: 'libc' | 'icu' | 'builtin';
  readonly locale: string | null;
  /** When the operating system's or ICU's collation is no longer the one that the database was made with. */
  readonly collationChange: { readonly recorded: string; readonly actual: string } | undefined;
  /** Effective privileges: the defaults where nothing was ever granted. */
  readonly acl: Acl;
  readonly settings: ReadonlyMap<string, string>;
  /** `ALTER ROLE … IN DATABASE`, by role. */
  readonly roleSettings: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** What can be seen from outside of what has happened inside. */
  readonly activity: Activity;
  readonly record: DatabaseRecord | undefined;
}

/** Counts of pg_stat_database: as long as they stand still, and nobody is connected, nothing in the database has changed. */
export interface Activity {
  /** Somebody is connected, so changes may be on their way that are not counted yet. */
  readonly isBusy: boolean;
  /** Rows written, and since when they are counted. */
  readonly writes: string;
}

/** That a database was found as wished. */
export interface DatabaseRecord {
  /** Digest of the wishes. */
  readonly wishes: string;
  readonly epoch: string;
  readonly writes: string;
}

/** What is in a database, read on a connection to it; `unchanged` when it can be seen from outside that nothing happened since last time. */
export type Contents = 'unchanged' | ObservedContents;

export interface ObservedContents {
  readonly schemas: ReadonlyMap<string, { readonly owner: string; readonly acl: Acl }>;
  readonly extensions: ReadonlyMap<string, { readonly schema: string; readonly version: string }>;
  readonly objects: readonly ObservedObject[];
  readonly defaultPrivileges: readonly ObservedDefault[];
  /** SHA-256 of the SQL files that have been run, by service and name. */
  readonly files: ReadonlyMap<string, string>;
  readonly activity: Activity;
}

/** A table, a sequence or a routine in a schema where such are to be granted on. */
export interface ObservedObject {
  readonly kind: ObjectKind;
  readonly schema: string;
  /** As it stands in a GRANT: quoted, with its schema and arguments. */
  readonly identity: string;
  readonly owner: string;
  readonly acl: Acl;
}

export type ObjectKind = 'tables' | 'sequences' | 'functions';

export interface ObservedDefault {
  readonly forRole: string;
  /** undefined: in every schema. */
  readonly schema: string | undefined;
  readonly kind: 'tables' | 'sequences' | 'functions' | 'types' | 'schemas';
  readonly acl: Acl;
}

/** Key of `ObservedContents.files`. */
export function fileKey(service: string, name: string): string {
  return JSON.stringify([service, name]);
}
