import { ExitCode, UserError } from '../../errors.js';
import { quoteLiteral } from '../../sql/quote.js';
import { type AppliedRow, forgetSql, type History, repairSql } from '../history.js';
import type { Migration } from '../migration.js';

/** A squashed migration that is to take the place of rows which are all there. */
export interface Adoption {
  readonly migration: Migration;
  readonly rows: readonly AppliedRow[];
}

/**
 * The history as it is with squashed migrations in the place of those that they stand for. One of which nothing is applied is pending
 * like any other. Throws a UserError when only a part is applied, or was with another text.
 */
export function adopt(
  history: History,
  migrations: readonly Migration[],
): { readonly history: History; readonly adoptions: readonly Adoption[] } {
  const rows = new Map(history.applied.map((row) => [row.name, row]));
  const adoptions = migrations.flatMap((migration) => {
    const found = migration.replaces.flatMap(({ name }) => rows.get(name) ?? []);
    if (found.length === 0 || rows.has(migration.name)) return [];
    requireWhole(migration, rows);
    return [{ migration, rows: found }];
  });
  if (adoptions.length === 0) return { history, adoptions };
  const gone = new Set(adoptions.flatMap((adoption) => adoption.rows.map(({ name }) => name)));
  const kept = history.applied.filter(({ name }) => !gone.has(name));
  const applied = [...kept, ...adoptions.flatMap(adoptedRow)].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { history: { ...history, applied }, adoptions };
}

function adoptedRow({ migration: { name, up }, rows }: Adoption): readonly AppliedRow[] {
  return rows.slice(-1).map((last) => ({ ...last, name, hash: up.hash }));
}

function requireWhole({ name, replaces }: Migration, rows: ReadonlyMap<string, AppliedRow>): void {
  const absent = replaces.filter((one) => !rows.has(one.name));
  const other = replaces.filter((one) => rows.has(one.name) && !one.hashes.includes(rows.get(one.name)?.hash ?? ''));
  if (absent.length === 0 && other.length === 0) return;
  const applied = replaces.length - absent.length;
  const lines = [
    ...absent.map((one) => `  not applied: ${one.name}`),
    ...other.map((one) => `  applied with another text: ${one.name}`),
  ];
  throw new UserError(
    `${name} stands for ${replaces.length} migrations, of which the database has ${applied}\n${lines.join('\n')}`,
    {
      exitCode: ExitCode.ambiguous,
      hint: [
        `take the files from before the squash (from version control, or the directory squashed/${name})`,
        'with them, apply the rest (migrator migrate up) and accept what was edited (migrator repair NAME), then come back',
      ].join('\n'),
    },
  );
}

/** Statements that make the history say so. */
export function adoptionSql({ migration: { up }, rows }: Adoption, history: Pick<History, 'keepsSources'>): string {
  const last = rows.at(-1)?.name ?? '';
  const others = rows.slice(0, -1).map(({ name }) => forgetSql(name, history));
  const rename = `UPDATE hectic.migration SET name = ${quoteLiteral(up.migration)} WHERE name = ${quoteLiteral(last)}`;
  return ['BEGIN', ...others, rename, repairSql(up, history), 'COMMIT'].join(';\n');
}
