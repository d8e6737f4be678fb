import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, ExitCode, UserError } from '../../errors.js';
import { type Script, sha256 } from '../files.js';
import { type Order, orders, type UpstreamName, upstreamFiles } from './names.js';

/** What pins upstream's files: it stands beside them. */
export interface LockFile {
  /** Where they came from. */
  readonly origin: string;
  readonly files: { readonly [name in UpstreamName]?: { readonly sha256: string } };
}

export const lockFileName = 'supabase.lock.json';

/** The lock file of a directory; undefined when it has none. Throws a UserError for one that is no lock file. */
export async function readLockFile(directory: string): Promise<LockFile | undefined> {
  const path = join(directory, lockFileName);
  const text = await readFile(path, 'utf8').catch(ignoreAbsence);
  if (text === undefined) return undefined;
  const lock = parse(text);
  if (!isLockFile(lock))
    throw new UserError(`${path} is no lock file`, { hint: 'slipway supabase sync writes it anew' });
  return lock;
}

/** The pinned files as scripts, in an order, after their bytes were held to the lock. Throws a UserError that names every difference. */
export async function upstreamScripts(directory: string, order: Order): Promise<readonly Script[]> {
  const lock = await readLockFile(directory);
  if (lock === undefined) {
    throw new UserError(`there is no ${lockFileName} in ${directory}`, {
      exitCode: ExitCode.missing,
      hint: `slipway supabase sync VERSION --to ${directory} writes it and the files that it pins`,
    });
  }
  const faults: string[] = [];
  const scripts: Script[] = [];
  for (const name of orders[order]) {
    const pinned = lock.files[name];
    if (pinned === undefined) continue;
    const path = join(directory, name);
    const bytes = await readFile(path).catch(ignoreAbsence);
    const fault = bytes === undefined ? 'is not there' : sha256(bytes) === pinned.sha256 ? undefined : 'was changed';
    if (fault !== undefined) faults.push(`${path} ${fault}`);
    scripts.push({
      name: `upstream/${name}`,
      path,
      sha256: pinned.sha256,
      effect: upstreamFiles[name],
      isTolerant: true,
    });
  }
  if (faults.length === 0) return scripts;
  throw new UserError(faults.join('\n'), {
    hint: `not what ${lockFileName} pins; slipway supabase sync gets the files again`,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isLockFile(value: unknown): value is LockFile {
  if (typeof value !== 'object' || value === null || !('files' in value) || !('origin' in value)) return false;
  const { files, origin } = value;
  if (typeof files !== 'object' || files === null || typeof origin !== 'string') return false;
  return Object.entries(files).every(
    ([name, pin]) => name in upstreamFiles && typeof pin?.sha256 === 'string' && /^[0-9a-f]{64}$/.test(pin.sha256),
  );
}

export function ignoreAbsence(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined;
  throw error;
}
