import { userInfo } from 'node:os';
import { dirname, join, parse, resolve } from 'node:path';
import { ExitCode, UserError } from '../errors.js';
import { cacheDirectory } from './places.js';
import { pointsAt } from './url.js';

/** What the environment asks for: a development cluster in one directory. Paths are absolute. */
export interface ClusterSettings {
  /** PG_WORKING_DIR: holds `data/`, `sock/` and our own `.slipway/`. */
  readonly workingDir: string;
  /** PG_BIN_DIR: a directory, `system`, or undefined for the embedded server. */
  readonly binDir: string | undefined;
  /** PG_PORT: names the socket file. */
  readonly port: number;
  /** PG_DATABASE */
  readonly database: string;
  /** Name of the superuser: the calling user's. */
  readonly user: string;
  /** A further database and role that DB_URL names on this cluster. */
  readonly alsoEnsure: { readonly user: string; readonly database: string } | undefined;
  /** PG_REUSE: keep an existing cluster. */
  readonly reuse: boolean;
  /** PG_CONF_FILE */
  readonly confFile: string | undefined;
  readonly preload: {
    /** PG_SHARED_PRELOAD_LIBRARIES, or its default. */
    readonly libraries: readonly string[];
    /** Set by the user: a library that is not installed is then an error, not a warning. */
    readonly explicit: boolean;
  };
  readonly log: {
    /** PG_DISABLE_LOGGING is not `1`. */
    readonly collector: boolean;
    /** PG_LOG_PATH as a directory; undefined for `data/log`. */
    readonly directory: string | undefined;
    /** Name of the one log file when PG_LOG_PATH names a file. */
    readonly file: string | undefined;
  };
  /** PG_OS_USER: the operating system account that runs the server when we are root. */
  readonly osUser: string | undefined;
  /** Where templates are kept, for all clusters of the user. */
  readonly cacheDir: string;
  /** XDG_RUNTIME_DIR or /tmp: where a socket goes whose path would be too long. */
  readonly runtimeDir: string;
  /** PG_URL_VAR: the variable that receives the URL besides PGURL. */
  readonly urlVariable: string;
}

const defaultPort = 5432;

/**
 * Reads the tables of variables of the seed and of docs/postgres-init.md; every fault is reported in one error.
 * @throws UserError with exit code 3 when a variable is missing, 1 when a value is wrong.
 */
export function readClusterSettings(env: NodeJS.ProcessEnv): ClusterSettings {
  const faults: string[] = [];
  const given = (name: string): string | undefined => env[name] || undefined;
  const path = (name: string): string | undefined =>
    given(name) === undefined ? undefined : resolve(env[name] as string);
  const workingDir = path('PG_WORKING_DIR') ?? workingDirIn(path('LOCAL_DIR'));
  const port = readPort(given('PG_PORT'), faults);
  const database = readName('PG_DATABASE', given('PG_DATABASE') ?? 'testdb', faults);
  const osUser = given('PG_OS_USER');
  if (osUser === 'root') faults.push('PG_OS_USER is root, and PostgreSQL refuses to run as root');
  const urlVariable = readUrlVariable(given('PG_URL_VAR') ?? 'PGURL', faults);
  if (workingDir !== undefined && /[\r\n]/.test(workingDir)) faults.push('PG_WORKING_DIR holds a line break');
  if (workingDir === undefined) throw missingDirectory(faults);
  if (faults.length > 0)
    throw new UserError(faults.join('\n'), { hint: 'docs/postgres-init.md lists every variable.' });
  return {
    workingDir,
    binDir: given('PG_BIN_DIR') === 'system' ? 'system' : path('PG_BIN_DIR'),
    port,
    database,
    user: callingUser(env),
    alsoEnsure: pointsAt(given('DB_URL'), { workingDir, port }, env),
    reuse: env.PG_REUSE !== undefined,
    confFile: path('PG_CONF_FILE'),
    preload: readPreload(env.PG_SHARED_PRELOAD_LIBRARIES),
    log: { collector: env.PG_DISABLE_LOGGING !== '1', ...readLogPath(path('PG_LOG_PATH')) },
    osUser,
    cacheDir: cacheDirectory(env),
    runtimeDir: path('XDG_RUNTIME_DIR') ?? '/tmp',
    urlVariable,
  };
}

function workingDirIn(localDir: string | undefined): string | undefined {
  return localDir === undefined ? undefined : join(localDir, 'focus', 'postgresql');
}

function missingDirectory(faults: readonly string[]): UserError {
  return new UserError(['neither PG_WORKING_DIR nor LOCAL_DIR is set', ...faults].join('\n'), {
    exitCode: ExitCode.missing,
    hint: 'export LOCAL_DIR="$PWD" in the project, or PG_WORKING_DIR=/where/the/cluster/shall/live.',
  });
}

function readPort(text: string | undefined, faults: string[]): number {
  if (text === undefined) return defaultPort;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) faults.push(`PG_PORT is '${text}', which is not a port (1 to 65535)`);
  return port;
}

/** NAMEDATALEN - 1 bytes; PostgreSQL would cut a longer name silently. */
function readName(variable: string, name: string, faults: string[]): string {
  if (Buffer.byteLength(name) > 63) faults.push(`${variable} is longer than the 63 bytes that PostgreSQL allows`);
  return name;
}

/** Names that the shell or the loader gives a meaning of their own, and the ones that we export with another value. */
const reservedVariables =
  /^(PATH|IFS|HOME|PWD|OLDPWD|SHELL|USER|ENV|BASH_ENV|PPID|UID|EUID|RANDOM|LINENO|OPTIND|OPTARG|_|LD_.*|DYLD_.*|POSTGRESQL_(HOST|PORT|USER|DATABASE))$/;

function readUrlVariable(name: string, faults: string[]): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    faults.push(`PG_URL_VAR is '${name}', which is not a name for a variable`);
  else if (reservedVariables.test(name)) faults.push(`PG_URL_VAR is '${name}', which has a meaning of its own`);
  return name;
}

function readPreload(text: string | undefined): ClusterSettings['preload'] {
  const libraries = (text ?? 'pg_cron').split(',').map((name) => name.trim());
  return { libraries: libraries.filter((name) => name !== ''), explicit: text !== undefined };
}

function readLogPath(path: string | undefined): { directory: string | undefined; file: string | undefined } {
  if (path === undefined || !path.endsWith('.log')) return { directory: path, file: undefined };
  return { directory: dirname(path), file: parse(path).base };
}

/** The account's name; a container may run under a user id that no account has. */
function callingUser(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return env.USER || env.LOGNAME || 'postgres';
  }
}
