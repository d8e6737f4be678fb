import { chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, messageOf, UserError } from '../errors.js';
import { fileOwner, runAs } from './account.js';
import {
  confText,
  freshConf,
  isDevelopmentConf,
  type LogSettings,
  runtimeConf,
  runtimeConfName,
  withInclude,
} from './conf.js';
import { availablePreload } from './preload.js';
import type { Site } from './site.js';

/** The configuration files of a data directory as this launch wants them. */
export interface RuntimePlan {
  readonly mainConf: string;
  readonly runtimeConf: string;
  readonly warning: string | undefined;
  /** Whether the files say the same already. */
  readonly unchanged: boolean;
}

/** Works out the files that change with every launch; writes nothing. */
export async function planRuntime(site: Site): Promise<RuntimePlan> {
  const { places, settings, sockets, binaries } = site;
  const main = await textOf(join(places.dataDir, 'postgresql.conf'));
  const runtime = await textOf(join(places.dataDir, runtimeConfName));
  const found = main ?? freshConf('', undefined);
  const isOurs = settings.confFile === undefined && isDevelopmentConf(found);
  const preload = isOurs ? availablePreload(settings.preload, binaries) : undefined;
  const own = preload && { preload: preload.libraries, log: await logSettings(settings.log) };
  const { port, database } = settings;
  const wanted = confText(runtimeConf({ port, database, socketDirectories: sockets.directories, own }));
  const mainConf = withInclude(found);
  return {
    mainConf,
    runtimeConf: wanted,
    warning: preload?.warning,
    unchanged: main === mainConf && runtime === wanted,
  };
}

/** Writes the planned files, and the access rules where a backup came without them. */
export async function writeRuntime(site: Site, plan: RuntimePlan): Promise<void> {
  const { dataDir } = site.places;
  await prepareLogDir(site);
  if (plan.unchanged) return;
  if (plan.warning !== undefined) site.report(plan.warning);
  await write(site, join(dataDir, 'postgresql.conf'), plan.mainConf);
  await write(site, join(dataDir, runtimeConfName), plan.runtimeConf);
  const rules = join(dataDir, 'pg_hba.conf');
  if ((await textOf(rules)) === undefined) await write(site, rules, trustLocal);
}

const trustLocal = 'local all all trust\nlocal replication all trust\n';

async function write({ account }: Site, path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  const owner = fileOwner(account);
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
}

/** PG_LOG_PATH may name an existing file without the ending that tells. */
async function logSettings(log: LogSettings): Promise<LogSettings> {
  if (log.directory === undefined || log.file !== undefined) return log;
  const isFile = await stat(log.directory).then(
    (found) => found.isFile(),
    () => false,
  );
  return isFile ? { ...log, directory: dirname(log.directory), file: basename(log.directory) } : log;
}

/** @throws UserError when the server cannot write its log where PG_LOG_PATH says. */
async function prepareLogDir({ settings, account, env }: Site): Promise<void> {
  const { collector, directory } = await logSettings(settings.log);
  if (!collector || directory === undefined || settings.confFile !== undefined) return;
  const owner = fileOwner(account);
  try {
    const made = await mkdir(directory, { recursive: true });
    if (made !== undefined && owner !== undefined) await chown(directory, owner.uid, owner.gid);
  } catch (error) {
    throw unwritableLog(directory, messageOf(error));
  }
  const { status } = await runAs(account, '/bin/sh', ['-c', 'test -w "$1" && test -x "$1"', 'sh', directory], { env });
  if (status !== 0) throw unwritableLog(directory, 'the account that runs the server may not write there');
}

function unwritableLog(directory: string, why: string): UserError {
  return new UserError(`cannot write server logs to PG_LOG_PATH ${directory}: ${why}`, {
    hint: 'Set PG_LOG_PATH to a directory that you may write to, or unset it: logs then go to data/log.',
  });
}
