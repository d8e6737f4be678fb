import { join, resolve } from 'node:path';
import { ExitCode, UserError } from '../errors.js';

/** Where everything of a project stands. Paths are absolute. */
export interface Project {
  /** The project's root (`LOCAL_DIR`). */
  readonly root: string;
  readonly databaseDir: string;
  readonly migrationDir: string;
  readonly sourceDir: string;
  /** The file that hydrate runs. */
  readonly entrypoint: string;
  /** The file that patch applies. */
  readonly patchFile: string;
  readonly testDir: string;
  /** The cluster's directory: `data/` and `sock/` are in it. */
  readonly workingDir: string;
  /** Where `database backup` writes, and others read, unless told otherwise. */
  readonly backupDir: string;
  /** `--url`, else `DB_URL`, else `PGURL`; undefined when none is given. */
  readonly url: GivenUrl | undefined;
  /** Files that take the output of hydrate and patch; undefined: the terminal. */
  readonly hydrateLog: string | undefined;
  readonly patchLog: string | undefined;
  readonly dotenv: DotenvSource | undefined;
}

/** A connection string and what it was given by, for messages. */
export interface GivenUrl {
  readonly text: string;
  readonly origin: '--url' | 'DB_URL' | 'PGURL';
}

/** Where secrets come from: text in the environment, a file the user named, or the file of the current `ENVIRONMENT`. */
export type DotenvSource =
  | { readonly kind: 'content'; readonly text: string }
  | { readonly kind: 'named file' | 'environment file'; readonly path: string };

/** Reads the project's variables (the seed's tables and their additions). Relative paths count from the current directory. */
export function readProject(env: NodeJS.ProcessEnv): Project {
  const root = required(
    env,
    'LOCAL_DIR',
    'set it to the root directory of your project, for example: export LOCAL_DIR="$PWD"',
  );
  const databaseDir = directory(env, 'DATABASE_DIR', join(root, 'db'));
  const sourceDir = directory(env, 'DATABASE_SOURCE', join(databaseDir, 'src'));
  const log = (name: string, file: string) =>
    optional(env, name) ?? (env.PG_LOG_PATH ? join(env.PG_LOG_PATH, file) : undefined);
  return {
    root,
    databaseDir,
    sourceDir,
    migrationDir: directory(env, 'MIGRATION_DIR', join(databaseDir, 'migration')),
    entrypoint: resolve(sourceDir, optional(env, 'HYDRATE_ENTRYPOINT') ?? 'entrypoint.sql'),
    patchFile: join(directory(env, 'PROFILE_DIR', root), 'test-data.sql'),
    testDir: join(databaseDir, 'test'),
    workingDir: directory(env, 'PG_WORKING_DIR', join(root, 'focus', 'postgresql')),
    backupDir: join(root, 'focus', 'postgresql-backup'),
    url: givenUrl(env),
    hydrateLog: log('HYDRATE_LOG', 'hydrate.stdout.log'),
    patchLog: log('PATCH_LOG', 'patch.stdout.log'),
    dotenv: dotenvSource(env, root),
  };
}

/** The project's paths as the variables that scripts read in backticks and `\getenv`, defaults filled in. */
export function projectEnvironment(project: Project, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    LOCAL_DIR: project.root,
    DATABASE_DIR: project.databaseDir,
    DATABASE_SOURCE: project.sourceDir,
    MIGRATION_DIR: project.migrationDir,
    PG_WORKING_DIR: project.workingDir,
  };
}

/** Where the environment says that secrets are; `root` is LOCAL_DIR, for what ENVIRONMENT names. */
export function dotenvSource(env: NodeJS.ProcessEnv, root: string | undefined): DotenvSource | undefined {
  const text = optional(env, 'HECTIC_DOTENV_CONTENT');
  if (text !== undefined) return { kind: 'content', text };
  const named = optional(env, 'HECTIC_DOTENV_FILE');
  if (named !== undefined) return { kind: 'named file', path: resolve(named) };
  const environment = optional(env, 'ENVIRONMENT');
  if (environment === undefined || root === undefined) return undefined;
  return { kind: 'environment file', path: resolve(root, `.env.${environment}`) };
}

/** The database that the environment names. */
export function givenUrl(env: NodeJS.ProcessEnv): GivenUrl | undefined {
  return urlIn(env, 'DB_URL') ?? urlIn(env, 'PGURL');
}

function urlIn(env: NodeJS.ProcessEnv, origin: 'DB_URL' | 'PGURL'): GivenUrl | undefined {
  const text = optional(env, origin);
  return text === undefined ? undefined : { text, origin };
}

function directory(env: NodeJS.ProcessEnv, name: string, fallback: string): string {
  return resolve(optional(env, name) ?? fallback);
}

/** An empty variable counts as unset: `export DB_URL=` is how shells take one back. */
function optional(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

function required(env: NodeJS.ProcessEnv, name: string, hint: string): string {
  const value = optional(env, name);
  if (value === undefined) throw new UserError(`${name} is not set`, { exitCode: ExitCode.missing, hint });
  return resolve(value);
}
