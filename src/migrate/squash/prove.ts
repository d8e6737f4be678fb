import { ExitCode, UserError } from '../../errors.js';
import type { Migration } from '../migration.js';
import { schemaDiff } from '../schema-diff.js';
import type { Scratch, ScratchDatabase } from '../scratch.js';

/** What was found to be the same. */
export interface Proof {
  /** Lines of the schema that both lead to. */
  readonly lines: number;
  /** False when there is no way down. */
  readonly goesDown: boolean;
}

export interface SquashCase {
  /** The migrations before the range. */
  readonly before: readonly Migration[];
  readonly range: readonly Migration[];
  readonly squashed: Migration;
}

/** Goes up, and down again, with the range in one database and with the squash in another, and compares the schemas. Throws a UserError. */
export async function proveSquash(scratch: Scratch, { before, range, squashed }: SquashCase): Promise<Proof> {
  const [one, other] = [await scratch.database(), await scratch.database()];
  const [long, short] = [
    [...before, ...range],
    [...before, squashed],
  ];
  await one.run({ kind: 'up', count: 'all' }, long);
  if (before.length > 0) await other.run({ kind: 'up', count: 'all' }, before);
  await attempt(squashed, () => other.run({ kind: 'up', count: 'all' }, short));
  const lines = await requireSame(one, other, 'applied');
  if (squashed.down === undefined) return { lines, goesDown: false };
  await one.run({ kind: 'down', count: range.length }, long);
  await attempt(squashed, () => other.run({ kind: 'down', count: 1 }, short));
  await requireSame(one, other, 'undone');
  return { lines, goesDown: true };
}

/** What each of the migrations can do, one transaction with all of them may not. */
async function attempt({ name }: Migration, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`as one transaction it fails, so nothing was written: ${error.message}`, {
      exitCode: ExitCode.migrationFailed,
      cause: error,
      hint: `lines of ${name}.sql, which would have been the squash; choose a range that leaves out one of the two that do not go together`,
    });
  }
}

async function requireSame(one: ScratchDatabase, other: ScratchDatabase, verb: string): Promise<number> {
  const [long, short] = [await one.dump(), await other.dump()];
  const diff = await schemaDiff({ [`the migrations ${verb}`]: long, [`the squash ${verb}`]: short });
  if (diff === '') return long.split('\n').length - 1;
  throw new UserError(`the squash leads to another schema when ${verb}, so nothing was written\n${diff}`, {
    hint: 'choose a smaller range; settings, temporary tables and variables of one migration may reach into the next here',
  });
}
