import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expandTilde } from '../../script/target.js';

/**
 * The startup files to be read, in order: the system's, then the user's (PSQLRC, or ~/.psqlrc). Of each the one for exactly this version,
 * `.psqlrc-18.0`, comes before the one for its major version, `.psqlrc-18`, and that before the plain one (startup.c, process_psqlrc).
 */
export function startupFiles(version: string, env: NodeJS.ProcessEnv): string[] {
  const system = env.PGSYSCONFDIR ? [join(env.PGSYSCONFDIR, 'psqlrc')] : [];
  const user = env.PSQLRC ? expandTilde(env.PSQLRC, env) : join(env.HOME ?? homedir(), '.psqlrc');
  const [major] = version.split('.');
  return [...system, user].flatMap((file) => [`${file}-${version}`, `${file}-${major}`, file].find(isReadable) ?? []);
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
