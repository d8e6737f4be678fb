import { readFileSync } from 'node:fs';
import { ExitCode, messageOf, UserError } from '../errors.js';

/** What an initialisation is told besides the server. */
export interface Settings {
  /** Owner of what belongs to no service; the session's user when undefined. */
  readonly owner: string | undefined;
  /** The database that analytics and the pooler share. */
  readonly supabaseDatabase: string;
  /** Password of the roles that services log in as; undefined leaves them as they are. */
  readonly password: string | undefined;
  readonly jwtSecret: string | undefined;
  /** Lifetime of tokens in seconds, for SQL to read; undefined leaves the setting as it is. */
  readonly jwtExp: string | undefined;
  /** Puts the secret into a setting that every role can read. */
  readonly jwtSecretInDatabase: boolean;
}

/** The options of the command line that win over the environment. */
export interface SettingFlags {
  readonly owner?: string;
  readonly passwordFile?: string;
  readonly jwtSecretFile?: string;
  readonly jwtExp?: string;
  readonly jwtSecretInDatabase?: boolean;
  readonly supabaseDatabase?: string;
}

/** Environment variables that settings are read from: those of the seed, and the two that Slipway's files add. */
export const settingVariables = [
  'POSTGRES_USER',
  'POSTGRES_PASSWORD',
  'JWT_SECRET',
  'JWT_EXP',
  'JWT_SECRET_IN_DATABASE',
] as const;

/** Reads options and environment. Throws a UserError that names every fault, and never a secret. */
export function readSettings(flags: SettingFlags, env: NodeJS.ProcessEnv): Settings {
  const faults: string[] = [];
  const note = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      faults.push(messageOf(error));
      return undefined;
    }
  };
  const settings = {
    owner: flags.owner ?? (env.POSTGRES_USER || undefined),
    supabaseDatabase: flags.supabaseDatabase ?? '_supabase',
    password: note(() => secretFrom('password', flags.passwordFile, env, 'POSTGRES_PASSWORD')),
    jwtSecret: note(() => secretFrom('JWT secret', flags.jwtSecretFile, env, 'JWT_SECRET')),
    jwtExp: note(() => seconds(flags.jwtExp, env)),
    jwtSecretInDatabase: flags.jwtSecretInDatabase ?? note(() => flag(env.JWT_SECRET_IN_DATABASE)) ?? false,
  };
  if (faults.length > 0) throw new UserError(faults.join('\n'));
  if (settings.jwtSecretInDatabase && settings.jwtSecret === undefined) {
    throw new UserError('there is no JWT secret to put into the database', {
      exitCode: ExitCode.missing,
      hint: 'set JWT_SECRET, or name a file with --jwt-secret-file',
    });
  }
  return settings;
}

/** A file's line break at its end is its editor's, one in the middle is nobody's password. */
function secretFrom(what: string, file: string | undefined, env: NodeJS.ProcessEnv, variable: string) {
  const secret = file === undefined ? env[variable] : readFile(file, what);
  const place = file ?? variable;
  if (secret === undefined) return undefined;
  if (secret === '') throw new UserError(`the ${what} is empty: ${place}`);
  if (/[\0\r\n]/.test(secret)) throw new UserError(`the ${what} holds a line break or a NUL: ${place}`);
  return secret;
}

function readFile(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new UserError(`cannot read the ${what}: ${messageOf(error)}`);
  }
}

function seconds(given: string | undefined, { JWT_EXP }: NodeJS.ProcessEnv): string | undefined {
  const text = given ?? (JWT_EXP || undefined);
  if (text === undefined || /^[1-9]\d{0,8}$/.test(text)) return text;
  throw new UserError(`${given === undefined ? 'JWT_EXP' : '--jwt-exp'} is no number of seconds: '${text}'`);
}

/** A boolean as psql's \if reads it. */
function flag(text: string | undefined): boolean {
  if (text === undefined || /^(off|no?|f(a(l(se?)?)?)?|0)?$/i.test(text)) return false;
  if (/^(on|y(es?)?|t(r(ue?)?)?|1)$/i.test(text)) return true;
  throw new UserError(`JWT_SECRET_IN_DATABASE is neither on nor off: '${text}'`);
}
