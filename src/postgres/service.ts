import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { codeOf, messageOf, UserError } from '../errors.js';
import { unknownKeyword } from './conninfo.js';
import { type Conninfo, isKeyword, type Keyword } from './keywords.js';

/**
 * Settings of a service: the user's file (`servicefile`, PGSERVICEFILE, ~/.pg_service.conf) wins over PGSYSCONFDIR/pg_service.conf.
 * A named user file that does not exist, or a service that stands in no file, is a UserError.
 */
export function readService(service: string, file: string | undefined, env: NodeJS.ProcessEnv): Conninfo {
  for (const path of candidates(file, env)) {
    const text = readIfPresent(path);
    const found = text === undefined ? undefined : parseService(text, service, path);
    if (found !== undefined) return found;
    if (text === undefined && path === file) throw new UserError(`service file "${path}" not found`);
  }
  throw new UserError(`definition of service "${service}" not found`, {
    hint: 'Services are defined in ~/.pg_service.conf, or in the file that PGSERVICEFILE names.',
  });
}

function candidates(file: string | undefined, env: NodeJS.ProcessEnv): string[] {
  const system = env.PGSYSCONFDIR === undefined ? [] : [join(env.PGSYSCONFDIR, 'pg_service.conf')];
  return [file ?? join(env.HOME ?? homedir(), '.pg_service.conf'), ...system];
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UserError(`could not read service file "${path}": ${messageOf(error)}`, { cause: error });
  }
}

/** The `[service]` group of an INI file; undefined when the file does not have it. The first value of a keyword wins. */
export function parseService(text: string, service: string, path: string): Conninfo | undefined {
  let found: { [keyword in Keyword]?: string } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    if (trimmed.startsWith('[')) {
      if (found !== undefined) break;
      if (trimmed === `[${service}]`) found = {};
    } else if (found !== undefined) {
      const [name, value] = parseSetting(trimmed, `service file "${path}", line ${index + 1}`);
      found[name] ??= value;
    }
  }
  return found;
}

function parseSetting(line: string, place: string): [Keyword, string] {
  const at = line.indexOf('=');
  const name = line.slice(0, at);
  if (at < 1) throw new UserError(`syntax error in ${place}`, { hint: 'A setting is written as key=value.' });
  if (name === 'service' || name === 'servicefile') {
    throw new UserError(`nested "${name}" specifications are not supported in ${place}`);
  }
  if (!isKeyword(name)) throw unknownKeyword(name);
  return [name, line.slice(at + 1)];
}
