import { ExitCode, UserError } from '../errors.js';
import type { Comparison } from './compare.js';
import type { Migration, MigrationScript } from './migration.js';
import { nearNames } from './name.js';

/** What the user wants. */
export type Wish =
  | { readonly kind: 'up'; readonly count: number | 'all' }
  | { readonly kind: 'down'; readonly count: number | 'all' }
  | { readonly kind: 'to'; readonly name: string | 'latest' }
  /** Undo from the last one applied down to this (undefined: the last itself), and apply the same again. */
  | { readonly kind: 'redo'; readonly name: string | undefined };

/** A script to run; its row follows. */
export type Step = MigrationScript;

/** The scripts to run, in order. Throws a UserError for a wish that cannot be fulfilled; nothing is decided elsewhere. */
export function plan(comparison: Comparison, wish: Wish): readonly Step[] {
  if (wish.kind === 'up') return planUp(comparison.pending, wish.count);
  if (wish.kind === 'down') return planDown(comparison, wish.count);
  if (wish.kind === 'redo') return planRedo(comparison, wish.name);
  return planTo(comparison, wish.name);
}

function planUp(pending: readonly Migration[], count: number | 'all'): readonly Step[] {
  return (count === 'all' ? pending : pending.slice(0, count)).map(({ up }) => up);
}

function planDown({ applied }: Comparison, wanted: number | 'all'): readonly Step[] {
  const count = wanted === 'all' ? applied.length : wanted;
  if (count > applied.length) {
    const there = applied.length === 0 ? 'none is' : applied.length === 1 ? 'only 1 is' : `only ${applied.length} are`;
    throw new UserError(`${count} migrations cannot be undone: ${there} applied`, {
      exitCode: ExitCode.ambiguous,
      hint: 'migrator status shows them',
    });
  }
  return undoing(applied.slice(applied.length - count).map(({ migration }) => migration));
}

function planTo(comparison: Comparison, wanted: string): readonly Step[] {
  const { migrations, pending, applied } = comparison;
  const name = wanted === 'latest' ? migrations.at(-1)?.name : requireName(comparison, wanted);
  if (name === undefined) return [];
  const index = applied.findIndex(({ migration }) => migration.name === name);
  if (index === -1) return pending.filter((migration) => migration.name <= name).map(({ up }) => up);
  const later = applied.slice(index + 1).map(({ migration }) => migration);
  return later.length > 0 ? undoing(later) : pending.filter((migration) => migration.name < name).map(({ up }) => up);
}

function planRedo(comparison: Comparison, wanted: string | undefined): readonly Step[] {
  const { applied } = comparison;
  const name = wanted === undefined ? applied.at(-1)?.migration.name : requireName(comparison, wanted);
  const index = applied.findIndex(({ migration }) => migration.name === name);
  if (index === -1) {
    const message = name === undefined ? 'no migration is applied that could be redone' : `${name} is not applied`;
    throw new UserError(message, {
      exitCode: ExitCode.ambiguous,
      hint: "apply what is pending: 'migrator migrate up'",
    });
  }
  const again = applied.slice(index).map(({ migration }) => migration);
  return [...undoing(again), ...again.map(({ up }) => up)];
}

/** The undoing of migrations, the newest first. Throws a UserError that names all that cannot be undone. */
function undoing(migrations: readonly Migration[]): readonly Step[] {
  const stuck = migrations.filter(({ down }) => down === undefined || isEmpty(down));
  if (stuck.length > 0) {
    const lines = stuck.map(
      ({ name, down }) => `  ${name}: ${down === undefined ? 'missing down.sql' : 'its down.sql is empty'}`,
    );
    throw new UserError(`these migrations cannot be undone\n${lines.join('\n')}`, {
      hint: 'write what undoes them; for one with nothing to undo that is: SELECT 1;',
    });
  }
  return migrations.flatMap(({ down }) => (down === undefined ? [] : [down])).reverse();
}

function isEmpty({ sources: [entry] }: MigrationScript): boolean {
  return /^\s*$/.test(entry.bytes.toString('latin1').replace(/^\s*--.*$/gm, ''));
}

/** A name as it is on disk, or its 14 digits. Throws a UserError with the names that come near. */
export function requireName({ migrations }: Pick<Comparison, 'migrations'>, wanted: string): string {
  const found = migrations.find(({ name, timestamp }) => name === wanted || timestamp === wanted);
  if (found !== undefined) return found.name;
  const names = migrations.map(({ name }) => name);
  const near = nearNames(wanted, names);
  throw new UserError(`there is no migration '${wanted}'`, {
    exitCode: ExitCode.notFound,
    hint:
      near.length === 0
        ? 'the migration directory holds none'
        : `did you mean:\n${near.map((name) => `  ${name}`).join('\n')}`,
  });
}
