import { existsSync, readlinkSync } from 'node:fs';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, ExitCode, messageOf, UserError } from '../errors.js';
import { fileOwner } from './account.js';
import { freshConf, withInclude } from './conf.js';
import { explainFailure } from './faults.js';
import type { Places } from './places.js';
import { settleReplacement, timeStamp } from './replacement.js';
import { stopServer } from './server.js';
import type { Site } from './site.js';
import { copyTemplate, InitdbFailed, type InitdbRecipe, initdb, saveTemplate, templateKey } from './template.js';

/**
 * Makes a fresh cluster in a draft directory of ours, so that whatever goes wrong here leaves what stands in its place alone.
 * @returns the draft's path. @throws UserError when initdb fails.
 */
export async function draftCluster(site: Site): Promise<string> {
  const users = await readConfFile(site.settings.confFile);
  const draft = join(site.places.ownDir, `draft-${process.pid}-${Date.now().toString(36)}`);
  try {
    await fill(site, draft);
    const conf = join(draft, 'postgresql.conf');
    await writeFile(conf, withInclude(freshConf(await readFile(conf, 'utf8'), users)));
    return draft;
  } catch (error) {
    await rm(draft, { recursive: true, force: true, maxRetries: 5 });
    throw error instanceof InitdbFailed ? explainFailure('initdb', error.output, site.settings) : error;
  }
}

async function fill(site: Site, draft: string): Promise<void> {
  const { settings, account, env, signal, report } = site;
  const recipe = recipeOf(site);
  const key = templateKey(recipe);
  if (await copyTemplate(settings.cacheDir, key, draft, account)) return;
  report(`Making a PostgreSQL ${site.binaries.version} cluster (the next one will be a copy of it)`);
  await mkdir(draft, { mode: 0o700 });
  const owner = fileOwner(account);
  if (owner !== undefined) await chown(draft, owner.uid, owner.gid);
  await initdb(recipe, draft, { account, env, signal });
  await saveTemplate(settings.cacheDir, key, draft);
}

export function recipeOf({ binaries, settings }: Pick<Site, 'binaries' | 'settings'>): InitdbRecipe {
  return { binaries, user: settings.user, timeZone: systemTimeZone() };
}

/** The name that the system's link to its zone tells; asking Node loads a library of 30 MB. */
function systemTimeZone(): string {
  const link = process.env.TZ === undefined && readLink('/etc/localtime');
  const name = /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(link || '')?.[1];
  return name ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

async function readConfFile(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UserError(`cannot read PG_CONF_FILE ${path}: ${messageOf(error)}`, {
      exitCode: codeOf(error) === 'ENOENT' ? ExitCode.missing : ExitCode.generic,
      cause: error,
      hint: 'Nothing was changed. Correct the path, or unset PG_CONF_FILE to use the generated configuration.',
    });
  }
}

/**
 * Puts a draft into its place and starts it; if that fails, what stood there comes back.
 * @returns a function that removes what stood there.
 */
export async function replaceData(
  { places }: Site,
  draft: string,
  start: () => Promise<void>,
): Promise<() => Promise<void>> {
  const { dataDir, ownDir } = places;
  const old = join(ownDir, `${oldPrefix}${process.pid}-${Date.now().toString(36)}`);
  const existed = await moveAway(dataDir, old);
  try {
    await rename(draft, dataDir);
    await start();
  } catch (error) {
    await stopServer(dataDir);
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    if (existed) await rename(old, dataDir);
    throw error;
  }
  return () => rm(old, { recursive: true, force: true, maxRetries: 5 });
}

const oldPrefix = 'old-';

/** @returns false when there is nothing to move. */
async function moveAway(dataDir: string, to: string): Promise<boolean> {
  try {
    await rename(dataDir, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw cannotReplace(dataDir, error);
  }
}

/**
 * Puts right what a killed run left in our own directory: drafts go, and a cluster that was to be replaced comes back if nothing
 * has taken its place. Only for the holder of the lock.
 */
export async function sweep(places: Places): Promise<void> {
  const { ownDir, dataDir } = places;
  await settleReplacement(places);
  for (const name of await readdir(ownDir)) {
    if (name.startsWith(oldPrefix) && !existsSync(dataDir)) await rename(join(ownDir, name), dataDir);
    else if (/^(draft|old)-|^lock\.[0-9a-f]{24}$/.test(name)) await removeDraft(join(ownDir, name));
  }
}

/** Something may still recover the data of a draft. */
async function removeDraft(path: string): Promise<void> {
  await stopServer(path);
  await rm(path, { recursive: true, force: true, maxRetries: 5 });
}

function cannotReplace(dataDir: string, error: unknown): UserError {
  return new UserError(`cannot replace ${dataDir}: ${messageOf(error)}`, {
    cause: error,
    hint: 'If it is a mount point, mount PG_WORKING_DIR instead; data/ itself has to be replaceable.',
  });
}

/** Moves a data directory that cannot be used to a name that tells when. @returns the new place. */
export async function moveAside({ places, report }: Site, reason: string): Promise<void> {
  const aside = join(places.workingDir, `data.broken-${timeStamp()}`);
  await rename(places.dataDir, aside);
  report(
    `The data directory could not be used: ${reason}\nIt was moved to ${aside}, and a new cluster takes its place`,
  );
}
