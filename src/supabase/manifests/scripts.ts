import { readFile } from 'node:fs/promises';
import { extraScripts } from '../extra.js';
import { supabaseFileNames, supabasePath } from '../files.js';

/** Texts by file name. */
export type Texts = Readonly<Record<string, string>>;

/** What a pod runs. */
export interface PodScripts {
  /** Slipway's own: the seven, the record's and the one that runs them all. */
  readonly own: Texts;
  /** The user's, which run after the seven in the order of their names. */
  readonly extra: Texts;
}

/** The script that the Job runs. */
export const runnerName = 'run-migrations.sh';

const ownNames = [...supabaseFileNames, 'ledger.sql', 'recorded.sql', 'record.sql', runnerName];

/** Reads the files of the package and those of a directory. */
export async function podScripts(extra?: string): Promise<PodScripts> {
  const extras = extra === undefined ? [] : await extraScripts(extra);
  return {
    own: await readTexts(ownNames.map((name) => [name, supabasePath(name)])),
    extra: await readTexts(extras.map(({ name, path }) => [name, path])),
  };
}

async function readTexts(files: readonly (readonly [name: string, path: string])[]): Promise<Texts> {
  return Object.fromEntries(
    await Promise.all(files.map(async ([name, path]) => [name, await readFile(path, 'utf8')] as const)),
  );
}
