import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, UserError } from '../errors.js';
import { systemMessage } from '../script/system-error.js';
import { type Fault, faultsError } from './fault.js';
import { type FlatFile, isBlank, isTransactional, readFlatFile } from './flat.js';
import { hashOf } from './hash.js';
import type { Direction, Layout, Migration, MigrationScript, SourceFile } from './migration.js';
import { byName, nameFault, timestampOf } from './name.js';
import { readIncludes, readSource, SourceFault, type Surroundings } from './sources.js';
import { replacedBy } from './squash/replaces.js';

export interface MigrationDirectory {
  readonly directory: string;
  /** In the order in which they run. */
  readonly migrations: readonly Migration[];
  /** All that is wrong; a migration that cannot be read is only here. */
  readonly faults: readonly Fault[];
}

/**
 * Reads the migration directory: everything in it whose name begins with a digit has to be a migration, the rest is left alone.
 * Throws a UserError when the directory itself cannot be read.
 */
export async function readMigrations(surroundings: Surroundings): Promise<MigrationDirectory> {
  const { directory } = surroundings;
  const entries = (await listDirectory(directory)).filter(({ name }) => /^\d/.test(name));
  const faults: Fault[] = [];
  const migrations: Migration[] = [];
  for (const entry of entries) {
    const found = await readEntry(entry, surroundings);
    faults.push(...found.faults);
    if (found.migration !== undefined) migrations.push(found.migration);
  }
  faults.push(...sharedTimestamps(entries.map(({ name }) => name)));
  faults.sort((a, b) => byName(a.migration, b.migration));
  return { directory, migrations: migrations.sort((a, b) => byName(a.name, b.name)), faults };
}

/** The migrations of a directory in which nothing is wrong. Throws a UserError that names all faults. */
export async function requireMigrations(surroundings: Surroundings): Promise<readonly Migration[]> {
  const { migrations, faults, directory } = await readMigrations(surroundings);
  if (faults.length > 0) throw faultsError(faults, directory);
  return migrations;
}

async function listDirectory(directory: string): Promise<Dirent[]> {
  try {
    return (await readdir(directory, { withFileTypes: true })).sort((a, b) => byName(a.name, b.name));
  } catch (error) {
    const hint =
      codeOf(error) === 'ENOENT'
        ? '--migration-dir or MIGRATION_DIR names it; migrator create makes it with the first migration in it'
        : '--migration-dir or MIGRATION_DIR names it';
    throw new UserError(`cannot read the migration directory ${directory}: ${systemMessage(error)}`, {
      hint,
      cause: error,
    });
  }
}

interface Found {
  readonly migration?: Migration;
  readonly faults: readonly Fault[];
}

async function readEntry(entry: Dirent, surroundings: Surroundings): Promise<Found> {
  const isFlat = entry.isFile() && entry.name.endsWith('.sql');
  const name = isFlat ? entry.name.slice(0, -'.sql'.length) : entry.name;
  const at = (place: string, message: string, hint?: string): Found => ({
    faults: [{ migration: name, place, message, ...(hint === undefined ? {} : { hint }) }],
  });
  const timestamp = timestampOf(name);
  if (timestamp === undefined) return at(entry.name, nameFault(name) ?? 'this is no name of a migration', nameHint);
  if (!isFlat && !entry.isDirectory()) {
    return at(entry.name, 'a migration is a directory, or a file that ends with .sql');
  }
  const path = join(surroundings.directory, entry.name);
  const base = { name, timestamp, path };
  try {
    return isFlat ? await readFlat(base, surroundings) : await readDirectory(base, surroundings);
  } catch (error) {
    if (error instanceof SourceFault) return at(error.place, error.message, error.hint);
    if (codeOf(error) === undefined) throw error;
    return at(entry.name, systemMessage(error));
  }
}

type Base = Pick<Migration, 'name' | 'timestamp' | 'path'>;

async function readDirectory(base: Base, surroundings: Surroundings): Promise<Found> {
  const { name, path } = base;
  const present = new Set(await readdir(path));
  const both = (['up', 'down'] as const).filter((word) => present.has(word) && present.has(`${word}.sql`));
  if (both.length > 0) {
    return { faults: both.map((word) => fault(name, `${name}/${word}.sql`, `there is ${name}/${word}/ as well`)) };
  }
  const layout: Layout = present.has('up') ? 'entrypoints' : 'files';
  const [up, down] = await Promise.all(
    (['up', 'down'] as const).map((direction) => readWhole(base, present, direction, surroundings)),
  );
  if (up === undefined) {
    const missing = down === undefined ? (['up.sql', 'down.sql'] as const) : (['up.sql'] as const);
    return { faults: [{ ...fault(name, name, `missing ${missing.join(' ')}`), missing }] };
  }
  return finish({ ...base, layout, up, down, replaces: replacedBy(up.sources[0].bytes.toString('utf8')) });
}

/** `up.sql` or `up/entrypoint.sql`; undefined when neither is there. */
async function readWhole(
  { name, path }: Base,
  present: ReadonlySet<string>,
  direction: Direction,
  surroundings: Surroundings,
): Promise<MigrationScript | undefined> {
  const file = present.has(`${direction}.sql`) ? `${direction}.sql` : join(direction, 'entrypoint.sql');
  if (!present.has(`${direction}.sql`) && !present.has(direction)) return undefined;
  const entry = await readSource(join(path, file), surroundings.directory).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new SourceFault(join(name, file), systemMessage(error));
  });
  if (entry === undefined) return undefined;
  const transactional = isTransactional(entry.bytes.toString('utf8'));
  return makeScript({ migration: name, direction, path: entry.path, line: 1, transactional }, entry, surroundings);
}

async function readFlat(base: Base, surroundings: Surroundings): Promise<Found> {
  const { name, path } = base;
  const file = await readSource(path, surroundings.directory);
  const text = file.bytes.toString('utf8');
  const { sections, faults } = readFlatFile(text);
  if (!Buffer.from(text).equals(file.bytes)) {
    const hint = 'a file in another encoding can be up.sql of a directory, where \\encoding counts';
    return { faults: [{ ...fault(name, file.name, 'it is not UTF-8'), hint }] };
  }
  if (faults.length > 0) {
    return { faults: faults.map(({ line, message }) => fault(name, `${file.name}:${line}`, message)) };
  }
  const [up, down] = await Promise.all(
    (['up', 'down'] as const).map((direction) => readSection(name, file, sections, direction, surroundings)),
  );
  if (up !== undefined) return finish({ ...base, layout: 'flat', up, down, replaces: replacedBy(text) });
  const missing = down === undefined ? (['up.sql', 'down.sql'] as const) : (['up.sql'] as const);
  const message =
    isBlank(text) && text.trim() === ''
      ? 'the file is empty'
      : 'it has no line -- migrate:up, behind which the SQL stands';
  return { faults: [{ ...fault(name, file.name, message), missing }] };
}

async function readSection(
  name: string,
  file: SourceFile,
  sections: FlatFile['sections'],
  direction: Direction,
  surroundings: Surroundings,
): Promise<MigrationScript | undefined> {
  const section = sections[direction];
  if (section === undefined) return undefined;
  const { line, transactional } = section;
  const entry = { ...file, bytes: Buffer.from(section.text) };
  return makeScript({ migration: name, direction, path: file.path, line, transactional }, entry, surroundings);
}

async function makeScript(
  head: Omit<MigrationScript, 'sources' | 'hash'>,
  entry: SourceFile,
  surroundings: Surroundings,
): Promise<MigrationScript> {
  const sources = await readIncludes(entry, surroundings, head.line);
  return { ...head, sources, hash: hashOf(sources.map(({ bytes }) => bytes)) };
}

function finish(migration: Migration): Found {
  const { name, up, layout } = migration;
  const [entry] = up.sources;
  if (!isBlank(entry.bytes.toString('utf8'))) return { migration, faults: [] };
  const what = layout === 'flat' ? 'the section migrate:up' : 'the file';
  const empty = fault(name, `${entry.name}${layout === 'flat' ? `:${up.line}` : ''}`, `${what} is empty`);
  return { faults: [{ ...empty, hint: 'a migration that does nothing on purpose says so: SELECT 1;' }] };
}

function fault(migration: string, place: string, message: string): Fault {
  return { migration, place, message };
}

/** Names come sorted, so that those of one timestamp follow one another. */
function sharedTimestamps(names: readonly string[]): readonly Fault[] {
  const migrations = names.filter((name) => timestampOf(name) !== undefined);
  return migrations.flatMap((name, index) => {
    const before = migrations[index - 1];
    const timestamp = name.slice(0, 14);
    if (before === undefined || !before.startsWith(timestamp)) return [];
    const message = `its timestamp ${timestamp} is that of ${before} too, so their order is not certain`;
    return [{ ...fault(name, name, message), hint: 'give one of them another time' }];
  });
}

const nameHint =
  "whatever begins with a digit in the migration directory has to be a migration; 'migrator create' makes one";
