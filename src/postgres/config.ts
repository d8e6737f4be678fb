import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { parseConninfo } from './conninfo.js';
import { type Conninfo, type Keyword, keywords, ruleOf } from './keywords.js';
import { findPassword, readPasswordFile } from './passfile.js';
import { readService } from './service.js';

/** One place to try: a socket directory (or abstract socket, `@name`) or a name or address with a TCP port. */
export interface Host {
  readonly host: string;
  /** Where to connect to instead of looking `host` up. */
  readonly hostaddr: string | undefined;
  readonly port: number;
  readonly isSocket: boolean;
  readonly password: string | undefined;
}

/** Everything needed to connect, with service file, environment, password file and defaults already applied. */
export interface ConnectionConfig {
  /** The keywords as resolved; the ones below are derived from them. */
  readonly conninfo: Conninfo;
  readonly hosts: readonly Host[];
  readonly user: string;
  readonly database: string;
  readonly env: NodeJS.ProcessEnv;
  /** What was found odd on the way and libpq would warn of, such as a password file that others can read. */
  readonly warnings: readonly string[];
}

/** What may stand for a connection in this package's functions: a connection string, keywords, or a resolved configuration. */
export type ConnectionSource = string | Conninfo | ConnectionConfig;

/**
 * Resolves a connection as libpq does: what is given wins, then the service file, then PG* variables, then defaults.
 * Throws a UserError for anything that cannot be meant; no message ever holds a password.
 */
export function resolveConnection(source: ConnectionSource, env: NodeJS.ProcessEnv = process.env): ConnectionConfig {
  if (isResolved(source)) return source;
  const conninfo = withDefaults(typeof source === 'string' ? parseConninfo(source) : source, env);
  refuseUnsupported(conninfo);
  const user = conninfo.user ?? userInfo().username;
  const database = conninfo.dbname ?? user;
  const { hosts, warnings } = withPasswords(splitHosts(conninfo), { ...conninfo, user, dbname: database }, env);
  return { conninfo: { ...conninfo, user, dbname: database }, hosts, user, database, env, warnings };
}

function isResolved(source: ConnectionSource): source is ConnectionConfig {
  return typeof source === 'object' && 'hosts' in source;
}

/** An empty value counts as not given, as in libpq. */
function withDefaults(given: Conninfo, env: NodeJS.ProcessEnv): Conninfo {
  const service = given.service ?? env.PGSERVICE;
  const fromService = service ? readService(service, given.servicefile ?? env.PGSERVICEFILE, env) : {};
  const found: { [keyword in Keyword]?: string } = {};
  for (const keyword of Object.keys(keywords) as Keyword[]) {
    const { env: variable, default: byDefault } = ruleOf(keyword);
    const value = [given[keyword], fromService[keyword], variable && env[variable], byDefault].find(Boolean);
    if (value !== undefined) found[keyword] = value;
  }
  const asksForMode = given.sslmode ?? fromService.sslmode ?? env.PGSSLMODE;
  if (found.requiressl === '1' && !asksForMode) found.sslmode = 'require';
  return found;
}

function refuseUnsupported(conninfo: Conninfo): void {
  for (const [name, value] of Object.entries(conninfo)) {
    const { values, refused } = ruleOf(name as Keyword);
    if (refused) throw new UserError(`connection option "${name}" is not supported`, { hint: 'Leave it out.' });
    if (values !== undefined && !values.includes(value)) {
      throw new UserError(`invalid ${name} value: "${value}"`, { hint: `It is one of ${values.join(', ')}.` });
    }
  }
  const { connect_timeout: timeout } = conninfo;
  if (timeout !== undefined && !/^\s*[-+]?\d+\s*$/.test(timeout)) {
    throw new UserError(`invalid integer value "${timeout}" for connection option "connect_timeout"`);
  }
}

function splitHosts({ host, hostaddr, port }: Conninfo): Omit<Host, 'password'>[] {
  const names = host?.split(',') ?? [];
  const addresses = hostaddr?.split(',') ?? [];
  const ports = (port ?? '').split(',').map(readPort);
  const count = Math.max(names.length, addresses.length, 1);
  if (names.length > 0 && addresses.length > 0 && names.length !== addresses.length) {
    throw new UserError(`could not match ${names.length} host names to ${addresses.length} hostaddr values`);
  }
  if (ports.length !== 1 && ports.length !== count) {
    throw new UserError(`could not match ${ports.length} port numbers to ${count} hosts`);
  }
  return Array.from({ length: count }, (_, index) => {
    const place = { port: ports[index] ?? (ports[0] as number), hostaddr: addresses[index] || undefined };
    const name = names[index] || place.hostaddr || defaultSocketDirectory(place.port);
    return { ...place, host: name, isSocket: place.hostaddr === undefined && /^[/@]/.test(name) };
  });
}

function readPort(text: string): number {
  if (text.trim() === '') return 5432;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new UserError(`invalid port number: "${text}"`);
  return port;
}

/** libpq has one directory built in, which differs between distributions: we take the one where the server listens. */
function defaultSocketDirectory(port: number): string {
  const directories = ['/var/run/postgresql', '/tmp'];
  const listening = directories.find((directory) => existsSync(join(directory, `.s.PGSQL.${port}`)));
  return listening ?? directories.find((directory) => existsSync(directory)) ?? '/tmp';
}

function withPasswords(
  hosts: Omit<Host, 'password'>[],
  { password, passfile, user, dbname }: Conninfo & { user: string; dbname: string },
  env: NodeJS.ProcessEnv,
): { hosts: Host[]; warnings: string[] } {
  if (password !== undefined) return { hosts: hosts.map((host) => ({ ...host, password })), warnings: [] };
  const { text = '', warning } = readPasswordFile(passfile ?? join(env.HOME ?? homedir(), '.pgpass'));
  const lookUp = ({ host, port }: Omit<Host, 'password'>) =>
    findPassword(text, { host: isDefaultDirectory(host) ? 'localhost' : host, port, database: dbname, user });
  return {
    hosts: hosts.map((host) => ({ ...host, password: lookUp(host) })),
    warnings: warning === undefined ? [] : [warning],
  };
}

function isDefaultDirectory(host: string): boolean {
  return host === '/var/run/postgresql' || host === '/tmp';
}
