import { readFile } from 'node:fs/promises';
import { codeOf, messageOf } from '../errors.js';
import type { DotenvSource } from './project.js';
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
  if (source.kind === 'content') return { text: source.text, origin: 'HECTIC_DOTENV_CONTENT' };
  try {
    return { text: await readFile(source.path, 'utf8'), origin: source.path };
  } catch (error) {
    if (source.kind === 'named file' || codeOf(error) !== 'ENOENT') {
      progress.warn(`no secrets are loaded: cannot read ${source.path}: ${messageOf(error)}`);
    }
    return undefined;
  }
}
