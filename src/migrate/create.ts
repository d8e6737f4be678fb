import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, ExitCode, UserError } from '../errors.js';
import { systemMessage } from '../script/system-error.js';
import type { Migration } from './migration.js';
import { byName, nameFault, timestampAt, timestampOf } from './name.js';

export interface CreateOptions {
  readonly directory: string;
  /** What follows the timestamp and the dash. */
  readonly name: string;
  /** Make a directory with up.sql and down.sql instead of one file with both sections. */
  readonly asDirectory: boolean;
}

const template = '-- migrate:up\n\n\n-- migrate:down\n\n';

/**
 * Makes an empty migration that is newer than all that are there, and the migration directory when it is missing. Answers the paths of
 * the new files. Nothing is ever overwritten.
 */
export async function create({ directory, name, asDirectory }: CreateOptions): Promise<readonly string[]> {
  const full = `${await nextTimestamp(directory)}-${name}`;
  const fault = name.includes('/') ? 'a name holds no slash' : nameFault(full);
  if (fault !== undefined) {
    throw new UserError(`'${name}' cannot name a migration: ${fault}`, { exitCode: ExitCode.ambiguous });
  }
  const files: Readonly<Record<string, string>> = asDirectory
    ? { [join(full, 'up.sql')]: '', [join(full, 'down.sql')]: '' }
    : { [`${full}.sql`]: template };
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text, { flag: 'wx' });
    }
  } catch (error) {
    throw new UserError(`cannot make the migration ${full}: ${systemMessage(error)}`, { cause: error });
  }
  return Object.keys(files).map((path) => join(directory, path));
}

/** Gives a migration a time after all others, by renaming its file or directory. Answers its new name. */
export async function renameToNow({ name, path, timestamp, layout }: Migration): Promise<string> {
  const directory = dirname(path);
  const renamed = `${await nextTimestamp(directory)}${name.slice(timestamp.length)}`;
  await rename(path, join(directory, layout === 'flat' ? `${renamed}.sql` : renamed));
  return renamed;
}

/** Now, or a second after the newest migration when that is later. */
async function nextTimestamp(directory: string): Promise<string> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw new UserError(`cannot read the migration directory ${directory}: ${systemMessage(error)}`, { cause: error });
  });
  const newest = names.map((name) => timestampOf(name)).filter((digits) => digits !== undefined);
  const now = timestampAt(new Date());
  const last = newest.sort(byName).at(-1) ?? '';
  return last < now ? now : secondAfter(last);
}

/** Digits that are no time of the calendar are simply counted on. */
function secondAfter(digits: string): string {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits) ?? [];
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(moment.getTime())) return (BigInt(digits) + 1n).toString().padStart(14, '0');
  return timestampAt(new Date(moment.getTime() + 1000));
}
