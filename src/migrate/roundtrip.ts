import { UserError } from '../errors.js';
import { requireMigrations } from './files.js';
import type { Migration } from './migration.js';
import { requireName } from './plan.js';
import { schemaDiff } from './schema-diff.js';
import { type Scratch, type ScratchDatabase, type Trial, withScratch } from './scratch.js';

/** What is wrong with a migration's way down and up again. */
export interface RoundtripFault {
  /**
   * `down-fails`: undoing it is an error; `down-differs`: what is left is not the schema of before; `up-fails`: it cannot be applied
   * a second time; `up-differs`: the second time leads to another schema.
   */
  readonly kind: 'down-fails' | 'down-differs' | 'up-fails' | 'up-differs';
  /** A unified diff of the schemas, or the error. */
  readonly detail: string;
}

export interface RoundtripResult {
  readonly migration: string;
  /** False when there is nothing to undo it with: it was only applied. */
  readonly hasDown: boolean;
  readonly faults: readonly RoundtripFault[];
}

/** Where the tour stands: a database with all migrations so far, and its schema once somebody has asked for it. */
interface Station {
  readonly database: ScratchDatabase;
  readonly schema?: string;
}

/**
 * Applies, undoes and applies each migration again, on a server of its own, and compares the schemas; of those that are not named, when
 * some are, it only applies. `onResult` is told of each at once. Throws when a migration cannot be applied in the first place.
 */
export async function roundtrip(
  trial: Trial,
  names: readonly string[],
  onResult: (result: RoundtripResult) => void,
): Promise<readonly RoundtripResult[]> {
  const migrations = await requireMigrations(trial);
  const wanted = new Set(names.map((name) => requireName({ migrations }, name)));
  const isWanted = ({ name }: Migration) => names.length === 0 || wanted.has(name);
  const last = migrations.findLastIndex(isWanted);
  return withScratch(trial, async (scratch) => {
    const results: RoundtripResult[] = [];
    let station: Station = { database: await scratch.database() };
    for (const migration of migrations.slice(0, last + 1)) {
      trial.signal?.throwIfAborted();
      if (isWanted(migration)) {
        const { result, next } = await tryOut(scratch, station, migrations, migration);
        results.push(result);
        onResult(result);
        station = next;
      } else {
        await station.database.run(oneUp, migrations);
        station = { database: station.database };
      }
    }
    return results;
  });
}

const oneUp = { kind: 'up', count: 1 } as const;
const oneDown = { kind: 'down', count: 1 } as const;

async function tryOut(
  scratch: Scratch,
  { database, schema: known }: Station,
  migrations: readonly Migration[],
  migration: Migration,
): Promise<{ result: RoundtripResult; next: Station }> {
  const { name, down } = migration;
  const before = known ?? (await database.dump());
  await database.run(oneUp, migrations);
  const schema = await database.dump();
  if (down === undefined)
    return { result: { migration: name, hasDown: false, faults: [] }, next: { database, schema } };
  const { faults, isBack } = await goDownAndUp(
    { up: () => database.run(oneUp, migrations), down: () => database.run(oneDown, migrations), dump: database.dump },
    { name, before, after: schema },
  );
  // The next migration must not suffer from this one's way down.
  const next = { database: isBack ? database : await rebuild(scratch, migrations, name), schema };
  return { result: { migration: name, hasDown: true, faults }, next };
}

interface Journey {
  readonly faults: readonly RoundtripFault[];
  /** The database is where it was before the journey. */
  readonly isBack: boolean;
}

async function rebuild(scratch: Scratch, migrations: readonly Migration[], name: string): Promise<ScratchDatabase> {
  const database = await scratch.database();
  await database.run({ kind: 'to', name }, migrations);
  return database;
}

async function goDownAndUp(
  { up, down, dump }: { up: () => Promise<unknown>; down: () => Promise<unknown>; dump: () => Promise<string> },
  { name, before, after }: { name: string; before: string; after: string },
): Promise<Journey> {
  const downError = await failureOf(down());
  if (downError !== undefined) return { faults: [{ kind: 'down-fails', detail: downError }], isBack: false };
  const faults: RoundtripFault[] = [];
  const undone = await dump();
  const remainder = await schemaDiff({ [`before ${name}`]: before, 'after up and down': undone });
  if (remainder !== '') faults.push({ kind: 'down-differs', detail: remainder });
  const upError = await failureOf(up());
  if (upError !== undefined) return { faults: [...faults, { kind: 'up-fails', detail: upError }], isBack: false };
  const again = await schemaDiff({ 'after up': after, 'after up, down and up': await dump() });
  if (again !== '') faults.push({ kind: 'up-differs', detail: again });
  return { faults, isBack: again === '' };
}

/** The message of a UserError; anything else is thrown on. */
async function failureOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
