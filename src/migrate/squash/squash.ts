import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ExitCode, UserError } from '../../errors.js';
import { requireMigrations } from '../files.js';
import { hashOf } from '../hash.js';
import { loadParser } from '../lint/parse.js';
import type { Migration } from '../migration.js';
import { nameFault } from '../name.js';
import { requireName } from '../plan.js';
import { type Trial, withScratch } from '../scratch.js';
import { joinScripts } from './join.js';
import { type Proof, proveSquash } from './prove.js';
import { replacesLine } from './replaces.js';

export interface SquashOptions {
  /** `A..B`, each a name or its 14 digits; an open end is the first or the last migration. */
  readonly range: string;
  /** What follows the 14 digits in the new migration's name. */
  readonly name: string;
  /** Remove the old files instead of moving them aside. */
  readonly remove: boolean;
  /** Write nothing, but prove all the same. */
  readonly dryRun: boolean;
}

export interface Squash extends Proof {
  readonly name: string;
  /** The new file. */
  readonly path: string;
  readonly text: string;
  readonly replaced: readonly string[];
  /** The directory that the old files were moved to. */
  readonly aside: string | undefined;
}

/**
 * Writes the migrations of a range into one, once it is proved on a server of its own that it leads to the same schema, and back to
 * the same one. Throws a UserError when it does not; nothing is written then.
 */
export async function squash(trial: Trial, options: SquashOptions): Promise<Squash> {
  const migrations = await requireMigrations(trial);
  const range = rangeOf(migrations, options.range);
  refuseUnfit(range);
  const name = `${range.at(-1)?.timestamp}-${options.name}`;
  const fault = nameFault(name);
  if (fault !== undefined)
    throw new UserError(`'${options.name}' cannot be a name: ${fault}`, { exitCode: ExitCode.ambiguous });
  const text = await compose(range);
  const before = migrations.filter((one) => one.name < (range[0]?.name ?? ''));
  const proof = await withFile(`${name}.sql`, text, async (directory) => {
    const [squashed] = await requireMigrations({ ...trial, directory });
    if (squashed === undefined) throw new UserError(`${name} came out empty`);
    return withScratch(trial, (scratch) => proveSquash(scratch, { before, range, squashed }));
  });
  const path = join(trial.directory, `${name}.sql`);
  const aside = options.remove ? undefined : join(trial.directory, 'squashed', name);
  if (!options.dryRun) await replaceFiles(range, { path, text, aside });
  return { name, path, text, replaced: range.map((one) => one.name), aside, ...proof };
}

function rangeOf(migrations: readonly Migration[], text: string): readonly Migration[] {
  const [, from = '', to = ''] = /^(.*?)\.\.(.*)$/.exec(text) ?? [];
  if (!text.includes('..')) {
    throw new UserError(`'${text}' is no range of migrations`, {
      exitCode: ExitCode.ambiguous,
      hint: 'it is written FIRST..LAST, each a name or its 14 digits',
    });
  }
  const indexOf = (wanted: string) => migrations.findIndex(({ name }) => name === requireName({ migrations }, wanted));
  const range = migrations.slice(from === '' ? 0 : indexOf(from), to === '' ? undefined : indexOf(to) + 1);
  if (range.length >= 2) return range;
  throw new UserError(
    `${text} names ${range.length === 0 ? 'no migration' : 'one migration'}, and a squash takes two at least`,
    {
      exitCode: ExitCode.ambiguous,
      hint: 'the older one stands first',
    },
  );
}

function refuseUnfit(range: readonly Migration[]): void {
  const lines = range.flatMap(({ name, up, down, replaces }) => [
    ...(up.transactional && down?.transactional !== false ? [] : [`  ${name} runs without a transaction`]),
    ...(replaces.length === 0
      ? []
      : [`  ${name} is a squash itself; once every database has it, remove its lines -- migrate:replaces`]),
  ]);
  if (lines.length === 0) return;
  throw new UserError(`these cannot be squashed with others\n${lines.join('\n')}`, {
    exitCode: ExitCode.ambiguous,
    hint: 'squash the migrations before them and behind them',
  });
}

/** A flat migration; without a way down when one of the range has none. */
async function compose(range: readonly Migration[]): Promise<string> {
  const parse = await loadParser();
  const heads = range.map(({ name, up }) => {
    const [entry] = up.sources;
    return replacesLine({ name, hashes: [...new Set([up.hash, hashOf([entry.bytes])])] });
  });
  const ups = await joinScripts(
    range.map(({ up }) => up),
    parse,
  );
  const downs = range.flatMap(({ down }) => (down === undefined ? [] : [down])).reverse();
  const down = downs.length < range.length ? '' : `\n-- migrate:down\n${await joinScripts(downs, parse)}`;
  return `${heads.join('')}-- migrate:up\n${ups}${down}`;
}

/** Lends a directory with one file. */
async function withFile<T>(name: string, text: string, use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-squash-'));
  try {
    await writeFile(join(directory, name), text);
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Puts the new file beside the old ones under a name that is no migration's, moves them away, and gives it its name: whenever that is
 * interrupted, the migrator finds files missing and refuses to run, and every text is still there.
 */
async function replaceFiles(
  range: readonly Migration[],
  { path, text, aside }: { path: string; text: string; aside: string | undefined },
): Promise<void> {
  const beside = `${path.slice(0, -basename(path).length)}squash.${basename(path)}`;
  await writeFile(beside, text, { flush: true });
  if (aside !== undefined) await mkdir(aside, { recursive: true });
  for (const old of range) {
    if (aside === undefined) await rm(old.path, { recursive: true });
    else await rename(old.path, join(aside, basename(old.path)));
  }
  await rename(beside, path);
}
