import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.js';
import { fileOwner, runAs } from './account.js';
import type { Binaries } from './binaries.js';
import { copyTree, type TreeSize } from './tree.js';

/** Templates that are kept: two servers in use, for two users of a shared cache, and one to spare. */
const keptTemplates = 5;

/** Everything that the result of initdb depends on. */
export interface InitdbRecipe {
  readonly binaries: Binaries;
  /** Name of the superuser. */
  readonly user: string;
  /** As the system knows it (`Europe/Berlin`); goes into postgresql.conf. */
  readonly timeZone: string;
}

/** UTF8 and no locale: the same order of text on every machine. */
export function initdbArguments({ user }: InitdbRecipe, dataDir: string): string[] {
  const encoding = ['--encoding=UTF8', '--no-locale', '--auth=trust'];
  return [`--pgdata=${dataDir}`, `--username=${user}`, ...encoding, '--no-sync', '--no-instructions'];
}

/** Name of the template of a recipe: a hash of all that goes in. */
export function templateKey(recipe: InitdbRecipe): string {
  const { version, identity } = recipe.binaries;
  const parts = [formatVersion, identity, version, initdbArguments(recipe, ''), recipe.timeZone, process.arch];
  return `${version}-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)}`;
}

/** To be counted up when templates are made in another way. */
const formatVersion = 1;

/** initdb did not end well; `output` is what it said. */
export class InitdbFailed extends Error {
  readonly output: string;
  constructor(output: string) {
    super('initdb failed');
    this.output = output;
  }
}

/** Runs initdb in an empty directory that the account owns. @throws InitdbFailed */
export async function initdb(
  recipe: InitdbRecipe,
  dataDir: string,
  { account, env, signal }: { account: Account; env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<void> {
  const program = join(recipe.binaries.binDir, 'initdb');
  const finished = await runAs(account, program, initdbArguments(recipe, dataDir), {
    env: { ...env, TZ: recipe.timeZone },
    signal,
  });
  if (finished.status !== 0) throw new InitdbFailed(finished.output);
}

/**
 * Copies the template of a recipe to `dataDir`, which must not exist, with the account as its owner.
 * @returns false when there is no template that is whole; an unsound one is thrown away.
 */
export async function copyTemplate(cacheDir: string, key: string, dataDir: string, account: Account): Promise<boolean> {
  const entry = join(cacheDir, 'templates', key);
  const expected = await sizeOf(entry);
  const copied = expected && (await tryCopy(join(entry, 'data'), dataDir, account));
  if (copied !== undefined && copied.files === expected?.files && copied.bytes === expected.bytes) {
    const now = new Date();
    await utimes(entry, now, now).catch(() => undefined);
    return true;
  }
  await rm(dataDir, { recursive: true, force: true });
  await dropTemplate(cacheDir, key);
  return false;
}

/** A template that another process throws away meanwhile counts as none; a full disk is the caller's to report. */
async function tryCopy(from: string, to: string, account: Account): Promise<TreeSize | undefined> {
  try {
    return await copyTree(from, to, fileOwner(account));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
    return undefined;
  }
}

async function sizeOf(entry: string): Promise<TreeSize | undefined> {
  try {
    return JSON.parse(await readFile(join(entry, 'size.json'), 'utf8')) as TreeSize;
  } catch {
    return undefined;
  }
}

export async function dropTemplate(cacheDir: string, key: string): Promise<void> {
  await rm(join(cacheDir, 'templates', key), { recursive: true, force: true }).catch(() => undefined);
}

/**
 * Keeps a fresh cluster as the template of its recipe. It appears under its name only when it is whole. A cache that cannot be
 * written to is no error: the next start takes longer, that is all.
 */
export async function saveTemplate(cacheDir: string, key: string, dataDir: string): Promise<void> {
  const templates = join(cacheDir, 'templates');
  const draft = join(templates, `draft-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(draft, { recursive: true, mode: 0o700 });
    const size = await copyTree(dataDir, join(draft, 'data'));
    await writeFile(join(draft, 'size.json'), JSON.stringify(size));
    await rename(draft, join(templates, key));
    await prune(templates);
  } catch {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Removes the least recently used templates, and drafts of processes that were killed (an hour is more than any copy takes). */
async function prune(templates: string): Promise<void> {
  const names = await readdir(templates);
  const used = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(templates, name))).mtimeMs })),
  );
  const drafts = used.filter(({ name, at }) => name.startsWith('draft-') && Date.now() - at > 3_600_000);
  const whole = used.filter(({ name }) => !name.startsWith('draft-')).sort((one, other) => other.at - one.at);
  for (const { name } of [...drafts, ...whole.slice(keptTemplates)]) {
    await rm(join(templates, name), { recursive: true, force: true });
  }
}
