import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, messageOf, UserError } from '../errors.js';
import { isConfOf } from './conf.js';

/** What stands in the place of a data directory. */
export type DataState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'empty' }
  /** Files, but not PostgreSQL's. */
  | { readonly kind: 'foreign'; readonly example: string }
  /** PostgreSQL's files, but not enough of them to be a cluster: initdb did not end, or a file is cut off. */
  | { readonly kind: 'broken'; readonly reason: string; readonly ours: boolean }
  | {
      readonly kind: 'cluster';
      readonly major: number;
      /** Its configuration shows that we made it, or started it before. */
      readonly ours: boolean;
    };

/** Everything initdb makes, versions 14 to 18, and what the server and we add. */
const knownEntries =
  /^(PG_VERSION|base|global|pg_[a-z_]+(\.conf)?|postgresql(\.auto)?\.conf(\.tmp)?|postmaster\.(pid|opts)|current_logfiles(\.tmp)?|log|slipway\.conf|backup_(label|manifest)(\.old)?|tablespace_map(\.old)?)$/;

/** ControlFileData is padded to this many bytes (PG_CONTROL_FILE_SIZE in pg_control.h). */
const controlFileSize = 8192;

/** Looks at a data directory without changing it. @throws UserError when it may not be looked at. */
export async function inspectData(dataDir: string, workingDir: string): Promise<DataState> {
  const entries = await entriesOf(dataDir);
  if (entries === undefined) return { kind: 'absent' };
  if (entries.length === 0) return { kind: 'empty' };
  const major = Number.parseInt(await textOf(join(dataDir, 'PG_VERSION')), 10);
  const stranger = entries.find((name) => !knownEntries.test(name));
  const hasCore = ['base', 'global'].every((name) => entries.includes(name));
  if (stranger !== undefined && (Number.isNaN(major) || !hasCore)) return { kind: 'foreign', example: stranger };
  const ours = isConfOf(await textOf(join(dataDir, 'postgresql.conf')), workingDir);
  if (Number.isNaN(major)) return { kind: 'broken', reason: 'it has no PG_VERSION: initdb did not end', ours };
  const reason = await damage(dataDir, entries);
  return reason === undefined ? { kind: 'cluster', major, ours } : { kind: 'broken', reason, ours };
}

/** What can be seen from outside; the rest the server itself finds when it starts. */
async function damage(dataDir: string, entries: readonly string[]): Promise<string | undefined> {
  const missing = ['base', 'global', 'pg_wal', 'pg_xact'].filter((name) => !entries.includes(name));
  if (missing.length > 0) return `it has no ${missing.join(', no ')}: initdb did not end`;
  const control = await stat(join(dataDir, 'global', 'pg_control')).catch(() => undefined);
  if (control === undefined) return 'it has no global/pg_control: initdb did not end';
  if (control.size < controlFileSize) return `its global/pg_control has ${control.size} bytes, not ${controlFileSize}`;
  return undefined;
}

async function entriesOf(directory: string): Promise<string[] | undefined> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UserError(`cannot read the cluster's data directory ${directory}: ${messageOf(error)}`, {
      cause: error,
      hint: 'PG_WORKING_DIR names the directory that holds data/; set it to one of your own, or run as its owner.',
    });
  }
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
}

/** User id of the owner of a path; undefined when there is nothing. */
export async function ownerOf(path: string): Promise<number | undefined> {
  return lstat(path).then(
    ({ uid }) => uid,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    },
  );
}

/** What to do about a data directory. */
export type DataAction =
  | { readonly do: 'create' }
  /** Make a new cluster beside it, then take its place. */
  | { readonly do: 'replace' }
  | { readonly do: 'start' }
  | { readonly do: 'move aside'; readonly reason: string }
  | { readonly do: 'refuse'; readonly because: 'foreign' | 'not ours' | 'version' };

/** What exists x what is wanted. */
export function decideData(state: DataState, { reuse, major }: { reuse: boolean; major: number }): DataAction {
  switch (state.kind) {
    case 'absent':
    case 'empty':
      return { do: 'create' };
    case 'foreign':
      return { do: 'refuse', because: 'foreign' };
    case 'broken':
      return state.ours && !reuse ? { do: 'replace' } : { do: 'move aside', reason: state.reason };
    case 'cluster':
      if (!reuse) return state.ours ? { do: 'replace' } : { do: 'refuse', because: 'not ours' };
      return state.major === major ? { do: 'start' } : { do: 'refuse', because: 'version' };
  }
}
