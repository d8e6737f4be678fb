import { readFile } from 'node:fs/promises';
import { codeOf, ExitCode, messageOf, UserError } from '../errors.js';
import { applyBundle } from '../hectic/apply.js';
import { ensureSecretKey } from '../hectic/key-file.js';
import { loadSecrets } from '../hectic/secrets.js';
import { withClient } from '../postgres/client.js';
import type { Progress } from './progress.js';
import type { DotenvSource } from './project.js';
import type { Target } from './target.js';
import type { Workspace } from './workspace.js';

/** A dotenv text and the words that name where it came from. */
export interface Dotenv {
  readonly text: string;
  readonly origin: string;
}

/**
 * The secrets that hydrate loads; undefined when there are none. A file that the user named and that cannot be read is
 * told, the one that merely follows from ENVIRONMENT is not: most environments have no secrets.
 */
export async function readDotenv({ project, progress }: Workspace): Promise<Dotenv | undefined> {
  const source: DotenvSource | undefined = project.dotenv;
  if (source === undefined) return undefined;
  try {
    return await readSource(source);
  } catch (error) {
    if (source.kind === 'content') throw error;
    if (source.kind === 'named file' || codeOf(error) !== 'ENOENT') {
      progress.warn(`no secrets are loaded: cannot read ${source.path}: ${messageOf(error)}`);
    }
    return undefined;
  }
}

/** The secrets of a command that is about nothing else. @throws UserError with exit code 3 when they cannot be read. */
export async function requireDotenv(source: DotenvSource | undefined): Promise<Dotenv> {
  if (source === undefined) throw noDotenv();
  return readSource(source).catch((error: unknown) => {
    const place = source.kind === 'content' ? 'HECTIC_DOTENV_CONTENT' : source.path;
    throw new UserError(`cannot read the secrets in ${place}: ${messageOf(error)}`, {
      exitCode: ExitCode.missing,
      hint: 'name a dotenv file with --file or HECTIC_DOTENV_FILE',
      cause: error,
    });
  });
}

async function readSource(source: DotenvSource): Promise<Dotenv> {
  if (source.kind === 'content') return { text: source.text, origin: 'HECTIC_DOTENV_CONTENT' };
  return { text: await readFile(source.path, 'utf8'), origin: source.path };
}

function noDotenv(): UserError {
  return new UserError('there is no dotenv file to load secrets from', {
    exitCode: ExitCode.missing,
    hint: 'name it with --file or HECTIC_DOTENV_FILE, or set LOCAL_DIR and ENVIRONMENT for LOCAL_DIR/.env.$ENVIRONMENT',
  });
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
}

/** Replaces the secrets of a database that has the bundle; the project's own cluster gets a key for them first. */
export async function replaceSecrets(
  { connection, cluster }: Pick<Target, 'connection' | 'cluster'>,
  dotenv: Dotenv,
  { env, progress }: Surroundings,
): Promise<void> {
  await progress.step('load the secrets', async (detail) => {
    if (cluster !== undefined) await ensureSecretKey(cluster.dataDir);
    const key = env.HECTIC_SECRET_KEY || undefined;
    await withClient(connection, (client) => loadSecrets(client, dotenv.text, { key }));
    detail(dotenv.origin);
  });
}

export async function applyHectic(
  { connection }: Pick<Target, 'connection'>,
  { progress }: Surroundings,
): Promise<void> {
  await progress.step('apply the hectic bundle', () => withClient(connection, applyBundle));
}
