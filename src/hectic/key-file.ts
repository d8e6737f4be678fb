import { randomBytes } from 'node:crypto';
import { chown, link, open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, UserError } from '../errors.js';

/** Name of the file in the server's data directory that sql/hectic/secret.sql reads. */
export const secretKeyFileName = 'hectic_secret.key';

/**
 * Sees to it that a local cluster has a key for its secrets: 32 random bytes in hexadecimal, readable by the data directory's
 * owner alone. A key that is there is never replaced, also when several processes call this at once. Throws a UserError when
 * the file that is there is empty or open to others.
 */
export async function ensureSecretKey(dataDir: string): Promise<'created' | 'present'> {
  const path = join(dataDir, secretKeyFileName);
  if (await isUsable(path)) return 'present';
  const draft = join(dataDir, `${secretKeyFileName}.${randomBytes(8).toString('hex')}`);
  try {
    await writeKey(draft, await stat(dataDir));
    await link(draft, path);
    return 'created';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'present';
    throw error;
  } finally {
    await unlink(draft).catch(ignoreAbsence);
  }
}

async function isUsable(path: string): Promise<boolean> {
  const file = await stat(path).catch(ignoreAbsence);
  if (file === undefined) return false;
  if (file.size === 0) {
    throw new UserError(`${path} is empty`, {
      hint: 'Remove it, and the next start makes a new key. Secrets that were loaded before must be loaded again.',
    });
  }
  if ((file.mode & 0o077) !== 0) {
    throw new UserError(`${path}: other accounts can read the key of the secrets`, {
      hint: `Run: chmod 600 '${path}'`,
    });
  }
  return true;
}

async function writeKey(path: string, owner: { uid: number; gid: number }): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  if (owner.uid !== process.getuid?.()) await chown(path, owner.uid, owner.gid);
}

function ignoreAbsence(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined;
  throw error;
}
