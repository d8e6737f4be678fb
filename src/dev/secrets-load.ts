import { resolve } from 'node:path';
import { readClusterSettings } from '../cluster/settings.js';
import { clusterStatus } from '../cluster/status.js';
import { ExitCode, UserError } from '../errors.js';
import { resolveConnection } from '../postgres/config.js';
import { dotenvSource, type GivenUrl, givenUrl } from './project.js';
import { applyHectic, replaceSecrets, requireDotenv, type Surroundings } from './secrets.js';
import { type Target, targetAt, unusable, urlOf } from './target.js';

export interface SecretsLoadOptions {
  /** `--url`; else DB_URL or PGURL. */
  readonly url: string | undefined;
  /** `--file`; else what HECTIC_DOTENV_CONTENT, HECTIC_DOTENV_FILE or ENVIRONMENT name. */
  readonly file: string | undefined;
}

/**
 * `db-ops secrets load`: applies the bundle to any database and replaces its secrets by those of a dotenv file.
 * @throws UserError with exit code 3 when the database or the dotenv file is not named, before anything is changed.
 */
export async function loadSecretsInto({ url, file }: SecretsLoadOptions, surroundings: Surroundings): Promise<void> {
  const { env, progress } = surroundings;
  const given: GivenUrl | undefined = url === undefined ? givenUrl(env) : { text: url, origin: '--url' };
  if (given === undefined) throw noUrl();
  const root = env.LOCAL_DIR ? resolve(env.LOCAL_DIR) : undefined;
  const named = file === undefined ? undefined : ({ kind: 'named file', path: resolve(file) } as const);
  const dotenv = await requireDotenv(named ?? dotenvSource(env, root));
  const target = await targetOf(given, env);
  progress.note(`loading secrets into ${urlOf(target)}`);
  await applyHectic(target, surroundings);
  await replaceSecrets(target, dotenv, surroundings);
}

/** The database, and the project's own cluster where the environment names one and the database is in it. */
async function targetOf(given: GivenUrl, env: NodeJS.ProcessEnv): Promise<Target> {
  try {
    if (!env.PG_WORKING_DIR && !env.LOCAL_DIR) return elsewhere(given.text, env);
    const { cluster } = await clusterStatus(readClusterSettings({ ...env, DB_URL: given.text }));
    return targetAt(given.text, env, cluster);
  } catch (error) {
    throw error instanceof UserError ? unusable(given, error) : error;
  }
}

function elsewhere(url: string, env: NodeJS.ProcessEnv): Target {
  const connection = resolveConnection(url, env);
  return { connection, database: connection.database, cluster: undefined };
}

function noUrl(): UserError {
  return new UserError('DB_URL is not set', {
    exitCode: ExitCode.missing,
    hint: 'name the database with --url, DB_URL or PGURL: postgresql://USER@HOST:PORT/DATABASE',
  });
}
