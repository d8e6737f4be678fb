import { UserError } from '../errors.js';
import { type Conninfo, isKeyword, type Keyword } from './keywords.js';
import { isConnectionUri, parseConnectionUri } from './uri.js';

/**
 * Reads a connection string in either of libpq's forms: a URI (`postgresql://…`) or `key=value` words.
 * A fault is a UserError that quotes no value, since any of them may be a password.
 */
export function parseConninfo(text: string): Conninfo {
  return isConnectionUri(text) ? parseConnectionUri(text) : parseKeyValues(text);
}

/** True for what psql takes as a connection string where a database name could stand as well (libpq's recognized_connection_string). */
export function isConnectionString(text: string): boolean {
  return isConnectionUri(text) || text.includes('=');
}

/** `key = 'value with \' and \\' key2=value\ 2` (libpq's conninfo_parse). */
function parseKeyValues(text: string): Conninfo {
  const found: { [keyword in Keyword]?: string } = {};
  let rest = text.trimStart();
  while (rest !== '') {
    const [head, name] = /^([^\s=]+)\s*/.exec(rest) ?? [];
    if (head === undefined || name === undefined || rest[head.length] !== '=') {
      throw new UserError(`missing "=" after "${(name ?? '').replace(/:\/\/.*/s, '://…')}" in connection info string`);
    }
    if (!isKeyword(name)) throw unknownKeyword(name);
    const { value, length } = readValue(rest.slice(head.length + 1));
    found[name] = value;
    rest = rest.slice(head.length + 1 + length).trimStart();
  }
  return found;
}

const quotedValue = /^\s*'((?:[^'\\]|\\[\s\S])*)'/;
const plainValue = /^\s*((?:[^\s\\]|\\[\s\S])*)\\?/;

function readValue(rest: string): { value: string; length: number } {
  const isQuoted = /^\s*'/.test(rest);
  const match = (isQuoted ? quotedValue : plainValue).exec(rest);
  if (match === null) throw new UserError('unterminated quoted string in connection info string');
  return { value: (match[1] as string).replace(/\\([\s\S])/g, '$1'), length: match[0].length };
}

/** The error for a keyword that libpq does not know; also used for service files. */
export function unknownKeyword(name: string): UserError {
  return new UserError(`invalid connection option "${name}"`, {
    hint: 'The options are the "Parameter Key Words" of PostgreSQL\'s documentation of libpq.',
  });
}
