import type { Conninfo } from '../../postgres/keywords.js';

/**
 * What a services file asks for, with defaults applied, placeholders filled in, and names checked (1 to 63 bytes, no NUL).
 * `undefined` everywhere means: not mentioned, so leave it as it is.
 */
export interface ProvisionSpec {
  /** Absolute path of the file. */
  readonly file: string;
  readonly server: ServerSpec;
  readonly vault: VaultSpec;
  /** In the order of the file; names are unique. */
  readonly services: readonly ServiceSpec[];
}

/** How to reach the server as its administrator. */
export interface ServerSpec {
  /** What the file says of the connection; `resolveConnection` fills in PG* variables and defaults. No password, no dbname. */
  readonly connection: Conninfo;
  /** Where the lock and the records live, the same for every run: the file's, else PGDATABASE, else `postgres`. */
  readonly maintenanceDatabase: string;
  /** `undefined`: PGPASSWORD, the password file, or none. */
  readonly password: SecretReference | undefined;
}

/** Where Vault is; what is undefined comes from VAULT_* variables. */
export interface VaultSpec {
  /** Mount path of the KV engine, without slashes at its ends. */
  readonly mount: string;
  readonly address: string | undefined;
  readonly namespace: string | undefined;
  readonly caCert: string | undefined;
  readonly clientCert: string | undefined;
  readonly clientKey: string | undefined;
  /** `undefined`: VAULT_TOKEN, the token file, Nomad's token, or VAULT_ROLE_ID and VAULT_SECRET_ID. */
  readonly auth: VaultAuth | undefined;
}

/** A login with an auth method of Vault; `mount` is where that method is mounted. */
export type VaultAuth =
  | {
      readonly method: 'approle';
      readonly mount: string;
      readonly roleId: LocalReference;
      readonly secretId: LocalReference;
    }
  | {
      readonly method: 'kubernetes' | 'jwt';
      readonly mount: string;
      readonly role: string;
      readonly jwt: LocalReference;
    };

/** Where a secret is kept. Never the secret itself. */
export type SecretReference =
  | {
      readonly kind: 'vault';
      readonly mount: string;
      readonly path: string;
      readonly key: string;
      /** Make the secret, with check-and-set, when there is none. */
      readonly generate: boolean;
    }
  | { readonly kind: 'env'; readonly name: string }
  /** `path` is absolute. */
  | { readonly kind: 'file'; readonly path: string }
  /** Run without a shell, in `directory`, the file's own. */
  | { readonly kind: 'exec'; readonly program: string; readonly args: readonly string[]; readonly directory: string };

/** A secret that can be had without Vault, such as what opens it. */
export type LocalReference = Exclude<SecretReference, { kind: 'vault' }>;

/** One service: a user, with a password, and what it may do in a database. */
export interface ServiceSpec {
  readonly name: string;
  /** Line in the file, from 1. */
  readonly line: number;
  /** Services that name the same database hold the same object, in which all their wishes are joined. */
  readonly database: DatabaseSpec;
  /** Services that name the same user hold the same object, likewise. */
  readonly user: UserSpec;
  /** `ALTER ROLE user IN DATABASE database SET`. */
  readonly settingsInDatabase: Settings;
  readonly grants: readonly Grant[];
  readonly defaultPrivileges: readonly DefaultPrivilege[];
  readonly sql: readonly SqlFile[];
  /** The user must be refused on the databases of services that it is no part of; `verify` proves it. */
  readonly isolation: boolean;
}

/** Configuration parameters by name, in the order of the file. */
export type Settings = ReadonlyMap<string, SettingValue>;

/**
 * A value as the server reads it (`30s`, `on`), not quoted. A list for the parameters that hold quoted names (GUC_LIST_QUOTE:
 * `search_path` and a few more), where one literal with commas would be read as one name.
 */
export type SettingValue = string | readonly string[];

export interface DatabaseSpec {
  readonly name: string;
  /** Role that is to own it; undefined keeps the owner (a new database gets the administrator). */
  readonly owner: string | undefined;
  /** Only looked at when the database is made. */
  readonly creation: DatabaseCreation;
  /** -1 is no limit. */
  readonly connectionLimit: number | undefined;
  /** `ALTER DATABASE … SET`. */
  readonly settings: Settings;
  /** Revoke CONNECT from PUBLIC. */
  readonly publicConnect: 'keep' | 'revoke';
  readonly schemas: readonly SchemaSpec[];
  readonly extensions: readonly ExtensionSpec[];
}

/** Clauses of CREATE DATABASE. */
export interface DatabaseCreation {
  readonly template: string | undefined;
  readonly encoding: string | undefined;
  readonly localeProvider: 'libc' | 'icu' | 'builtin' | undefined;
  /** LOCALE: collation and character type at once. */
  readonly locale: string | undefined;
  readonly collate: string | undefined;
  readonly ctype: string | undefined;
  readonly icuLocale: string | undefined;
  readonly builtinLocale: string | undefined;
}

export interface SchemaSpec {
  readonly name: string;
  /** As for databases. */
  readonly owner: string | undefined;
}

export interface ExtensionSpec {
  readonly name: string;
  readonly schema: string | undefined;
  readonly version: string | undefined;
}

export interface UserSpec {
  readonly name: string;
  readonly password: SecretReference;
  /** `sync`: the stored password follows the secret. `createOnly`: it is set when the user is made, never again. */
  readonly passwordPolicy: 'sync' | 'createOnly';
  /** -1 is no limit. */
  readonly connectionLimit: number | undefined;
  /** VALID UNTIL: a timestamp as PostgreSQL reads it, or `infinity`. */
  readonly validUntil: string | undefined;
  /** `ALTER ROLE user SET`. */
  readonly settings: Settings;
  readonly memberOf: readonly string[];
}

/**
 * Privileges for the service's user, in upper case, without repetition; `ALL` stands alone and means every privilege the server
 * knows for that kind of object. Tables, sequences and functions are all that a schema holds (tables with views, functions with
 * procedures).
 */
export type Grant =
  | { readonly on: 'database'; readonly privileges: readonly string[] }
  | {
      readonly on: 'schema' | 'tables' | 'sequences' | 'functions';
      readonly schema: string;
      readonly privileges: readonly string[];
    };

/** `ALTER DEFAULT PRIVILEGES FOR ROLE forRole [IN SCHEMA schema] GRANT privileges ON kind TO user`. */
export interface DefaultPrivilege {
  readonly forRole: string;
  readonly schema: string | undefined;
  readonly kind: 'tables' | 'sequences' | 'functions' | 'types' | 'schemas';
  readonly privileges: readonly string[];
}

/** A psql script to run in the service's database. */
export interface SqlFile {
  /** Absolute path. */
  readonly path: string;
  /** The path as the file says it: the name under which the run is recorded. */
  readonly name: string;
  readonly run: 'once' | 'changed';
  /** `service`: after SET ROLE to the service's user, so that what it makes belongs to the service. */
  readonly as: 'admin' | 'service';
}
