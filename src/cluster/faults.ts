import { codeOf, ExitCode, messageOf, UserError } from '../errors.js';
import type { Binaries } from './binaries.js';
import type { ClusterSettings } from './settings.js';

/** What the messages name. */
type Named = Pick<ClusterSettings, 'workingDir' | 'confFile'>;

/** A server's own verdict that the files of its cluster cannot be used (xlogrecovery.c, controldata_utils.c, relmapper.c). */
const brokenFiles =
  /could not read file "global\/pg_control"|could not open file "global\/pg_control"|incorrect checksum in control file|calculated CRC checksum does not match|could not locate a valid checkpoint record|could not locate required checkpoint record|invalid checkpoint|relation mapping file .* contains (invalid data|incorrect checksum)|could not (open|read) file "global\/pg_filenode\.map"|is not a valid data directory|control file contains invalid|initialized with PG_CONTROL_VERSION (0|\d{5,})/;

/** The reason when the files are what stopped the server, and nothing around them. */
export function brokenReason(output: string): string | undefined {
  return output
    .split('\n')
    .find((line) => brokenFiles.test(line))
    ?.replace(/^.*?(FATAL|PANIC|LOG|ERROR):\s+/, '');
}

interface Fault {
  readonly pattern: RegExp;
  readonly exitCode: number;
  readonly message: (match: RegExpExecArray, settings: Named) => string;
  readonly hint: (match: RegExpExecArray, settings: Named) => string;
}

/** What stops a server, by what it says; the first that fits counts. */
const faults: readonly Fault[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    exitCode: ExitCode.generic,
    message: (_, { workingDir }) => `the disk that holds ${workingDir} is full`,
    hint: () => 'Free some space and start again; nothing was removed.',
  },
  {
    pattern: /could not (?:access file|load library) "([^"]+)"/,
    exitCode: ExitCode.missingDependency,
    message: ([, library]) => `the server cannot load the library ${library}, which shared_preload_libraries names`,
    hint: () =>
      'Install it for this server, choose a server that has it with PG_BIN_DIR, or take it out of PG_SHARED_PRELOAD_LIBRARIES\n' +
      '(or out of postgresql.conf, or PG_CONF_FILE).',
  },
  {
    pattern: /lock file "postmaster\.pid" already exists|pre-existing shared memory block/,
    exitCode: ExitCode.ambiguous,
    message: (_, { workingDir }) => `another server uses the data directory ${workingDir}/data`,
    hint: () => 'Stop it first; if it runs in a container or on another machine, it cannot be stopped from here.',
  },
  {
    pattern: /lock file "([^"]*\.s\.PGSQL\.\d+\.lock)" already exists|could not bind \S+ address "([^"]+)"/,
    exitCode: ExitCode.ambiguous,
    message: ([, lock, address]) => `another server listens at ${address ?? lock?.replace(/\.lock$/, '')}`,
    hint: ([found]) =>
      /lock file|Unix/.test(found)
        ? 'Set PG_PORT to another number.'
        : 'Set another port or no listen_addresses in PG_CONF_FILE.',
  },
  {
    pattern:
      /configuration file .* contains errors|syntax error in file|unrecognized configuration parameter|invalid value for parameter/,
    exitCode: ExitCode.generic,
    message: (_, { confFile, workingDir }) =>
      `the server refuses ${confFile === undefined ? `the configuration in ${workingDir}/data` : `PG_CONF_FILE ${confFile}`}`,
    hint: () => 'Correct the lines that the server names.',
  },
  {
    pattern: /initialized with LC_(?:COLLATE|CTYPE) "([^"]+)", which is not recognized/,
    exitCode: ExitCode.missingDependency,
    message: ([, locale]) => `the databases are sorted by the locale ${locale}, which this system does not have`,
    hint: ([, locale]) =>
      `Install the locale (on Debian: localedef or locale-gen ${locale}), and try again; nothing was changed.`,
  },
  {
    pattern: /database files are incompatible with server/,
    exitCode: ExitCode.ambiguous,
    message: (_, { workingDir }) => `the cluster in ${workingDir}/data was made by another build of PostgreSQL`,
    hint: () =>
      'Nothing was changed. PG_BIN_DIR chooses the server; without PG_REUSE an empty cluster takes its place.',
  },
  {
    pattern: /permission denied|not permitted|read-only file system|has wrong ownership|has invalid permissions/i,
    exitCode: ExitCode.generic,
    message: (_, { workingDir }) => `the server may not use files that it needs (${workingDir})`,
    hint: () => 'Give the directory to the account that runs the server, or choose another PG_WORKING_DIR.',
  },
];

/** A server program's failure as an error that says what to do, with its last words. */
export function explainFailure(what: string, output: string, settings: Named): UserError {
  const words = lastWords(output);
  for (const fault of faults) {
    const match = fault.pattern.exec(output);
    if (match === null) continue;
    const message = [fault.message(match, settings), ...words].join('\n');
    return new UserError(message, { exitCode: fault.exitCode, hint: fault.hint(match, settings) });
  }
  return new UserError([`${what} failed`, ...words].join('\n'), { hint: `The cluster is in ${settings.workingDir}.` });
}

const shownLines = 12;

/** What a server says whenever it starts. */
const noise =
  /^$|starting PostgreSQL|listening on|redirecting log output|Future log output|database system (was shut|is shut|is ready)/;

/** The last lines that tell something. */
function lastWords(output: string): string[] {
  const telling = output.split('\n').filter((line) => !noise.test(line.trim()));
  return telling.slice(-shownLines).map((line) => `  ${line.trimEnd()}`);
}

/**
 * A failure of the file system as an error that says what to do; any other error as it is.
 * Also for what a server or we ourselves could not write: a full disk shows in many places.
 */
export function explainSystemError(error: unknown, settings: Named): unknown {
  const known = ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '');
  return known && !(error instanceof UserError)
    ? explainFailure('working on the cluster', messageOf(error), settings)
    : error;
}

export function foreignFiles(dataDir: string, example: string): UserError {
  return new UserError(`${dataDir} is not a PostgreSQL data directory: it holds ${example}`, {
    exitCode: ExitCode.ambiguous,
    hint: 'Nothing was changed. Set PG_WORKING_DIR to a directory of its own.',
  });
}

export function notOurs(dataDir: string): UserError {
  return new UserError(`${dataDir} is a PostgreSQL cluster that was not made by postgres-init, so it is not removed`, {
    exitCode: ExitCode.ambiguous,
    hint: 'Nothing was changed. To use it, set PG_REUSE=1 (or --reuse); for a fresh start, move it away or set another PG_WORKING_DIR.',
  });
}

export function otherVersion(dataDir: string, major: number, { version, binDir }: Binaries): UserError {
  return new UserError(
    `the cluster in ${dataDir} is of PostgreSQL ${major}, but the server is ${version} (${binDir})`,
    {
      exitCode: ExitCode.ambiguous,
      hint:
        `Nothing was changed. Set PG_BIN_DIR to the programs of PostgreSQL ${major} to go on with it,\n` +
        'or start without PG_REUSE to replace it with an empty cluster.',
    },
  );
}

export function foreignOwner(path: string, owner: number): UserError {
  return new UserError(`${path} belongs to user id ${owner}, not to the user who runs this`, {
    hint: `Nothing was changed. Run as that user, give it away with chown, or set another PG_WORKING_DIR.`,
  });
}

export function busySocket(socket: string, who: string): UserError {
  return new UserError(`another server listens at ${socket} (${who})`, {
    exitCode: ExitCode.ambiguous,
    hint: 'Nothing was changed. Set PG_PORT to another number, or stop that server.',
  });
}

export function dataInUse(dataDir: string, pid: number): UserError {
  return new UserError(`${dataDir} is in use by process ${pid}, a PostgreSQL that is no server (single-user mode)`, {
    exitCode: ExitCode.ambiguous,
    hint: 'Nothing was changed. Let it end, or end it, and start again.',
  });
}

/** The server runs, and refuses what we need of it (SQLSTATE class 28: who we are, 3D and others: what we ask for). */
export function unusable(
  error: unknown,
  { workingDir, user }: Pick<ClusterSettings, 'workingDir' | 'user'>,
): UserError {
  return new UserError(`the server in ${workingDir} runs, but cannot be set up: ${messageOf(error)}`, {
    cause: error,
    hint: codeOf(error)?.startsWith('28')
      ? `The cluster may come from somebody else. Let a superuser of it run: CREATE ROLE "${user}" SUPERUSER LOGIN;`
      : 'Its log tells more. Without PG_REUSE an empty cluster takes its place.',
  });
}
