import { execFile } from 'node:child_process';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ExitCode, messageOf, UserError } from '../errors.js';
import { embeddedServer } from './embedded.js';

/** An installation of the server. */
export interface Binaries {
  /** Holds initdb, pg_ctl and postgres; real path. */
  readonly binDir: string;
  /** As `postgres --version` ends: `18.4`. */
  readonly version: string;
  readonly major: number;
  /** Different for every build that may make different clusters: the package, or the place, size and time of the programs. */
  readonly identity: string;
}

const oldestMajor = 14;
const newestMajor = 18;

/**
 * The server that PG_BIN_DIR asks for: the embedded one (undefined), the newest of the system, or the one in a directory.
 * @throws UserError with exit code 127 when programs are missing, 2 when the version is not supported.
 */
export async function findBinaries(
  binDir: string | undefined,
  cacheDir: string,
  env: NodeJS.ProcessEnv,
): Promise<Binaries> {
  if (binDir === 'system') return newestOfSystem(env);
  if (binDir === undefined) {
    const embedded = await embeddedServer(cacheDir);
    return { ...embedded, major: Number.parseInt(embedded.version, 10) };
  }
  return supported(await inspect(binDir));
}

async function inspect(binDir: string): Promise<Binaries> {
  const missing = ['initdb', 'postgres'].filter((name) => !existsSync(join(binDir, name)));
  if (missing.length > 0) {
    throw new UserError(`${binDir} has no ${missing.join(' and no ')}`, {
      exitCode: ExitCode.missingDependency,
      hint: 'PG_BIN_DIR names the bin directory of a PostgreSQL server, or is system; unset, the embedded server is used.',
    });
  }
  const program = realpathSync(join(binDir, 'postgres'));
  const version = await versionOf(program);
  const identity = ['initdb', 'postgres'].map((name) => fingerprint(join(dirname(program), name))).join(' ');
  return { binDir: dirname(program), version, major: Number.parseInt(version, 10), identity };
}

function fingerprint(path: string): string {
  const { size, mtimeMs, ino } = statSync(path);
  return [path, size, mtimeMs, ino].join(':');
}

async function versionOf(program: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version']);
    return /\) (\S+)/.exec(stdout)?.[1] ?? '';
  } catch (error) {
    throw new UserError(`${program} does not run: ${messageOf(error).trim()}`, {
      exitCode: ExitCode.missingDependency,
      cause: error,
      hint: 'Its shared libraries may be missing, or it was built for another system. PG_BIN_DIR chooses another server.',
    });
  }
}

function supported(binaries: Binaries): Binaries {
  if (isSupported(binaries)) return binaries;
  throw new UserError(`${binaries.binDir} holds PostgreSQL ${binaries.version}, which is not supported`, {
    exitCode: ExitCode.ambiguous,
    hint: `Versions ${oldestMajor} to ${newestMajor} are. PG_BIN_DIR chooses the server; unset, the embedded one is used.`,
  });
}

function isSupported({ major }: Binaries): boolean {
  return major >= oldestMajor && major <= newestMajor;
}

async function newestOfSystem(env: NodeJS.ProcessEnv): Promise<Binaries> {
  const places = systemPlaces(env).filter(
    (place) => existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres')),
  );
  const found = await Promise.all([...new Set(places.map((place) => realpathSync(place)))].map(inspect));
  const [newest] = found.filter(isSupported).sort((one, other) => compareVersions(other.version, one.version));
  if (newest !== undefined) return newest;
  const seen = found.map(({ binDir, version }) => `${version} in ${binDir}`).join(', ');
  throw new UserError(
    `PG_BIN_DIR is system, but no PostgreSQL ${oldestMajor} to ${newestMajor} was found${seen && ` (only ${seen})`}`,
    {
      exitCode: ExitCode.missingDependency,
      hint: 'Looked at PATH, /usr/lib/postgresql, /usr/pgsql-* and Homebrew. Unset PG_BIN_DIR to use the embedded server.',
    },
  );
}

function systemPlaces(env: NodeJS.ProcessEnv): string[] {
  const path = (env.PATH ?? '').split(delimiter).filter((entry) => entry.startsWith('/'));
  const parents: [string, RegExp][] = [
    ['/usr/lib/postgresql', /^\d+$/],
    ['/usr/local/lib/postgresql', /^\d+$/],
    ['/usr', /^pgsql-\d+$/],
    ['/opt/homebrew/opt', /^postgresql(@\d+)?$/],
    ['/usr/local/opt', /^postgresql(@\d+)?$/],
    ['/usr/libexec', /^postgresql\d*$/],
  ];
  return [...path, ...parents.flatMap(([parent, name]) => children(parent, name))].flatMap((place) => [
    place,
    join(place, 'bin'),
  ]);
}

function children(parent: string, name: RegExp): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((entry) => name.test(entry))
    .map((entry) => join(parent, entry));
}

/** `18beta1` comes before `18.4` because its second number is missing. */
function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((version) => (version.match(/\d+/g) ?? []).map(Number)) as [
    number[],
    number[],
  ];
  return (left[0] ?? 0) - (right[0] ?? 0) || (left[1] ?? 0) - (right[1] ?? 0);
}
