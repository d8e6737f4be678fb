import { UserError } from '../errors.js';
import { type Conninfo, isKeyword, type Keyword } from './keywords.js';

const scheme = /^postgres(?:ql)?:\/\//;

export function isConnectionUri(text: string): boolean {
  return scheme.test(text);
}

/**
 * Reads `postgresql://[user[:password]@][host[:port],…][/dbname][?key=value&…]` as libpq's conninfo_uri_parse does: several hosts,
 * percent-encoded socket directories, IPv6 in brackets, `ssl=true` for `sslmode=require`.
 */
export function parseConnectionUri(uri: string): Conninfo {
  const match = /^([^/@]*@)?([^/?]*)(?:\/([^?]*))?(?:\?([\s\S]*))?$/.exec(uri.replace(scheme, ''));
  if (match === null) throw new UserError('invalid connection URI');
  const [, userinfo, hosts = '', dbname = '', query = ''] = match;
  return {
    ...readUserinfo(userinfo),
    ...readHosts(hosts),
    ...(dbname === '' ? {} : { dbname: decode(dbname) }),
    ...readQuery(query),
  };
}

/**
 * Writes `postgresql://user@/dbname?host=…&port=…`, which libpq and this package read back to the same place. Only what says
 * where to connect and as whom is written: no password, and nothing that the environment adds.
 */
export function formatConnectionUri({ user, dbname, host, hostaddr, port, sslmode }: Conninfo): string {
  const query = Object.entries({ host, hostaddr, port, sslmode })
    .filter(([name, value]) => value !== undefined && !(name === 'sslmode' && value === 'prefer'))
    .map(([name, value]) => `${name}=${encodePath(value as string)}`);
  const authority = user === undefined ? '' : `${encodeWord(user)}@`;
  return `postgresql://${authority}/${encodeWord(dbname ?? '')}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

/** An apostrophe is encoded too, so that the URI can stand in single quotes in a shell. */
function encodeWord(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27');
}

/** Slashes and commas may stand in a query as they are, and a path is easier to read with them. */
function encodePath(text: string): string {
  return encodeWord(text).replaceAll('%2F', '/').replaceAll('%2C', ',');
}

function readUserinfo(userinfo: string | undefined): Conninfo {
  if (userinfo === undefined) return {};
  const [user = '', ...password] = userinfo.slice(0, -1).split(':');
  return {
    ...(user === '' ? {} : { user: decode(user) }),
    ...(password.length === 0 || password[0] === '' ? {} : { password: decode(password.join(':')) }),
  };
}

function readHosts(text: string): Conninfo {
  if (text === '') return {};
  const pairs = text.split(',').map(readHost);
  return {
    ...(pairs.some(({ host }) => host !== '') ? { host: pairs.map(({ host }) => host).join(',') } : {}),
    ...(pairs.some(({ port }) => port !== '') ? { port: pairs.map(({ port }) => port).join(',') } : {}),
  };
}

function readHost(text: string): { host: string; port: string } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::([^:]*))?$/.exec(text);
  if (match === null)
    throw new UserError('invalid host in connection URI', { hint: 'Write IPv6 addresses in brackets: [::1].' });
  return { host: decode(match[1] ?? match[2] ?? ''), port: decode(match[3] ?? '') };
}

function readQuery(query: string): Conninfo {
  const found: { [keyword in Keyword]?: string } = {};
  for (const word of query === '' ? [] : query.split('&')) {
    const [name, value, ...more] = word.split('=').map(decode);
    if (name === undefined || value === undefined || more.length > 0) {
      throw new UserError('a query parameter in the connection URI is not written as key=value');
    }
    if (name === 'ssl' && value === 'true') found.sslmode = 'require';
    else if (isKeyword(name)) found[name] = value;
    else throw new UserError(`invalid URI query parameter: "${name}"`);
  }
  return found;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UserError('invalid percent-encoded token in connection URI');
  }
}
