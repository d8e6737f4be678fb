/** The file as it is written, once schema/services.schema.json has been found to hold. */
export interface ServicesFile {
  readonly version: 1;
  readonly server?: ServerEntry | null;
  readonly vault?: VaultEntry | null;
  readonly defaults?: ServiceEntry | null;
  readonly services: readonly string[] | Readonly<Record<string, ServiceEntry | null>>;
}

export interface SecretEntry {
  readonly vault?: string;
  readonly key?: string;
  readonly mount?: string;
  readonly env?: string;
  readonly file?: string;
  readonly exec?: readonly string[];
}

export interface ServerEntry {
  readonly host?: string;
  readonly hostaddr?: string;
  readonly port?: number | string;
  readonly user?: string;
  readonly maintenanceDb?: string;
  readonly sslmode?: string;
  readonly sslrootcert?: string;
  readonly sslcert?: string;
  readonly sslkey?: string;
  readonly connectTimeout?: number | string;
  readonly password?: SecretEntry;
}

export interface VaultEntry {
  readonly mount?: string;
  readonly address?: string;
  readonly namespace?: string;
  readonly caCert?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly auth?: VaultAuthEntry;
}

export interface VaultAuthEntry {
  readonly approle?: { readonly mount?: string; readonly roleId: SecretEntry; readonly secretId: SecretEntry };
  readonly kubernetes?: VaultLoginEntry;
  readonly jwt?: VaultLoginEntry;
}

export interface VaultLoginEntry {
  readonly mount?: string;
  readonly role: string;
  readonly token?: SecretEntry;
}

export type SettingsEntry = Readonly<Record<string, string | number | boolean | readonly string[]>>;
export type OwnerEntry = string | { readonly role: string };

export interface DatabaseEntry {
  readonly name?: string;
  readonly template?: string;
  readonly encoding?: string;
  readonly localeProvider?: 'libc' | 'icu' | 'builtin';
  readonly locale?: string;
  readonly collate?: string;
  readonly ctype?: string;
  readonly icuLocale?: string;
  readonly builtinLocale?: string;
  readonly connectionLimit?: number | string;
  readonly settings?: SettingsEntry;
}

type BySchema = Readonly<Record<string, readonly string[]>>;

export interface GrantsEntry {
  readonly database?: readonly string[];
  readonly schemas?: BySchema;
  readonly tables?: BySchema;
  readonly sequences?: BySchema;
  readonly functions?: BySchema;
}

export interface DefaultPrivilegesEntry {
  readonly forRole: string;
  readonly inSchemas?: readonly string[];
  readonly tables?: readonly string[];
  readonly sequences?: readonly string[];
  readonly functions?: readonly string[];
  readonly types?: readonly string[];
  readonly schemas?: readonly string[];
}

export interface SqlEntry {
  readonly file: string;
  readonly run?: 'once' | 'changed';
  readonly as?: 'admin' | 'service';
}

/** A list of names, or names with what is said of each. */
type Named<T> = readonly string[] | Readonly<Record<string, T | null>>;

export interface ServiceEntry {
  readonly database?: string | DatabaseEntry;
  readonly user?: string;
  readonly password?: SecretEntry;
  readonly passwordPolicy?: 'sync' | 'createOnly';
  readonly generate?: boolean;
  readonly owner?: OwnerEntry;
  readonly grants?: GrantsEntry;
  readonly defaultPrivileges?: readonly DefaultPrivilegesEntry[];
  readonly schemas?: Named<{ readonly owner?: OwnerEntry }>;
  readonly extensions?: Named<{ readonly schema?: string; readonly version?: string }>;
  readonly connectionLimit?: number | string;
  readonly validUntil?: string;
  readonly settings?: SettingsEntry;
  readonly settingsInDatabase?: SettingsEntry;
  readonly memberOf?: readonly string[];
  readonly publicConnect?: 'keep' | 'revoke';
  readonly isolation?: boolean;
  readonly sql?: readonly (string | SqlEntry)[];
}
