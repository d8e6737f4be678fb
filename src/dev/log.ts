import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ExitCode, UserError } from '../errors.js';
import { localStatus } from './local-cluster.js';
import type { Workspace } from './workspace.js';

export interface LogFile {
  /** Counts from 1, the newest. */
  readonly index: number;
  readonly name: string;
  readonly path: string;
}

/** The local server's logs and those of hydrate and patch, the newest first. */
export async function listLogs(workspace: Workspace): Promise<readonly LogFile[]> {
  const { project } = workspace;
  const { cluster } = await localStatus(workspace);
  const ofScripts = [project.hydrateLog, project.patchLog].filter((path) => path !== undefined);
  const paths = new Set([...(await filesIn(cluster.logDir)), ...ofScripts]);
  const dated = await Promise.all([...paths].map(async (path) => ({ path, time: await changeTime(path) })));
  return dated
    .filter(({ time }) => time !== undefined)
    .sort((a, b) => (b.time ?? 0) - (a.time ?? 0) || a.path.localeCompare(b.path))
    .map(({ path }, position) => ({ index: position + 1, name: basename(path), path }));
}

/** The log that an index, a name or a unique part of a name means; the newest when nothing is asked for. */
export function chooseLog(logs: readonly LogFile[], which: string | undefined): LogFile {
  const hint = "'database log list' shows what there is";
  const newest = logs[0];
  if (newest === undefined) {
    throw new UserError('there are no logs', { hint: "a cluster writes them from its first start: 'database init'" });
  }
  if (which === undefined) return newest;
  const exact = logs.find(({ index, name }) => String(index) === which || name === which);
  if (exact !== undefined) return exact;
  const similar = logs.filter(({ name }) => name.includes(which));
  if (similar.length === 1) return similar[0] as LogFile;
  throw similar.length === 0
    ? new UserError(`no log is called '${which}'`, { hint })
    : new UserError(`'${which}' is ambiguous: ${similar.map(({ name }) => name).join(', ')}`, {
        hint,
        exitCode: ExitCode.generic,
      });
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(ignoreMissing);
  return (entries ?? []).filter((entry) => entry.isFile()).map((entry) => join(directory, entry.name));
}

async function changeTime(path: string): Promise<number | undefined> {
  return (await stat(path).catch(ignoreMissing))?.mtimeMs;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
