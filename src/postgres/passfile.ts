import { readFileSync, statSync } from 'node:fs';
import { codeOf } from '../errors.js';

/** What a line of a password file is matched with. `host` is `localhost` for the default socket directory. */
export interface PasswordKey {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** The text of a password file (.pgpass), or a warning why it is not used; both absent when there is no file. */
export function readPasswordFile(path: string): { text?: string; warning?: string } {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { warning: `password file "${path}" is not a plain file` };
    if ((stat.mode & 0o077) !== 0) {
      return {
        warning: `password file "${path}" has group or world access; permissions should be u=rw (0600) or less`,
      };
    }
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    const isAbsent = codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
    return isAbsent ? {} : { warning: `password file "${path}" could not be read (${codeOf(error)})` };
  }
}

/** The password of the first line `host:port:database:user:password` that matches; `*` matches all, `\:` and `\\` are escapes. */
export function findPassword(text: string, { host, port, database, user }: PasswordKey): string | undefined {
  const wanted = [host, String(port), database, user];
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const fields = splitFields(line.replace(/\r$/, ''));
    const isMatch = wanted.every((value, index) => fields[index] === '*' || unescaped(fields[index]) === value);
    const password = unescaped(fields[4]);
    if (isMatch && password !== undefined && password !== '') return password;
  }
  return undefined;
}

/** Five fields; the last one is the rest of the line, colons and all. */
function splitFields(line: string): string[] {
  const match = /^((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):(.*)$/.exec(line);
  return match === null ? [] : match.slice(1);
}

function unescaped(field: string | undefined): string | undefined {
  return field?.replace(/\\(.)/g, '$1');
}
