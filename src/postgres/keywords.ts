/**
 * Connection keywords as libpq names them, each with the environment variable and the default that stand behind it
 * (PostgreSQL documentation, "Parameter Key Words" and "Environment Variables"). `ignored` ones tune what Node does not
 * offer; `refused` ones promise a protection that would silently be missing.
 */
export const keywords = {
  host: { env: 'PGHOST' },
  hostaddr: { env: 'PGHOSTADDR' },
  port: { env: 'PGPORT' },
  dbname: { env: 'PGDATABASE' },
  user: { env: 'PGUSER' },
  password: { env: 'PGPASSWORD' },
  passfile: { env: 'PGPASSFILE' },
  channel_binding: { env: 'PGCHANNELBINDING', values: ['disable', 'prefer', 'require'], default: 'prefer' },
  connect_timeout: { env: 'PGCONNECT_TIMEOUT' },
  client_encoding: { env: 'PGCLIENTENCODING' },
  options: { env: 'PGOPTIONS' },
  application_name: { env: 'PGAPPNAME' },
  fallback_application_name: {},
  replication: {},
  service: { env: 'PGSERVICE' },
  servicefile: { env: 'PGSERVICEFILE' },
  target_session_attrs: {
    env: 'PGTARGETSESSIONATTRS',
    values: ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'],
    default: 'any',
  },
  load_balance_hosts: { env: 'PGLOADBALANCEHOSTS', values: ['disable', 'random'], default: 'disable' },
  sslmode: {
    env: 'PGSSLMODE',
    values: ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
    default: 'prefer',
  },
  sslnegotiation: { env: 'PGSSLNEGOTIATION', values: ['postgres', 'direct'], default: 'postgres' },
  sslcert: { env: 'PGSSLCERT' },
  sslkey: { env: 'PGSSLKEY' },
  sslpassword: {},
  sslrootcert: { env: 'PGSSLROOTCERT' },
  sslcrl: { env: 'PGSSLCRL' },
  sslsni: { env: 'PGSSLSNI' },
  ssl_min_protocol_version: { env: 'PGSSLMINPROTOCOLVERSION' },
  ssl_max_protocol_version: { env: 'PGSSLMAXPROTOCOLVERSION' },
  requiressl: { env: 'PGREQUIRESSL' },
  require_auth: { env: 'PGREQUIREAUTH', refused: true },
  requirepeer: { env: 'PGREQUIREPEER', refused: true },
  sslcrldir: { env: 'PGSSLCRLDIR', refused: true },
  sslcertmode: { env: 'PGSSLCERTMODE', ignored: true },
  sslcompression: { env: 'PGSSLCOMPRESSION', ignored: true },
  gssencmode: { env: 'PGGSSENCMODE', ignored: true },
  krbsrvname: { env: 'PGKRBSRVNAME', ignored: true },
  gsslib: { env: 'PGGSSLIB', ignored: true },
  gssdelegation: { env: 'PGGSSDELEGATION', ignored: true },
  keepalives: { ignored: true },
  keepalives_idle: { ignored: true },
  keepalives_interval: { ignored: true },
  keepalives_count: { ignored: true },
  tcp_user_timeout: { ignored: true },
  min_protocol_version: { env: 'PGMINPROTOCOLVERSION', ignored: true },
  max_protocol_version: { env: 'PGMAXPROTOCOLVERSION', ignored: true },
} as const satisfies Record<string, KeywordRule>;

interface KeywordRule {
  env?: string;
  default?: string;
  /** Every value that the keyword accepts. */
  values?: readonly string[];
  ignored?: true;
  refused?: true;
}

export type Keyword = keyof typeof keywords;

/** What somebody said about a connection, under libpq's names; an absent keyword falls back to service, environment, default. */
export type Conninfo = { readonly [keyword in Keyword]?: string };

export function isKeyword(name: string): name is Keyword {
  return Object.hasOwn(keywords, name);
}

export function ruleOf(keyword: Keyword): KeywordRule {
  return keywords[keyword];
}
