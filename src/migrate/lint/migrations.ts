import { requireMigrations } from '../files.js';
import type { Migration } from '../migration.js';
import { requireName } from '../plan.js';
import type { Surroundings } from '../sources.js';
import type { Workplace } from '../workplace.js';
import { type Finding, lint } from './lint.js';
import { loadParser } from './parse.js';
import { statementsOf } from './read.js';

export interface LintReport {
  /** Names of the migrations that were looked at. */
  readonly migrations: readonly string[];
  readonly findings: readonly Finding[];
}

/** What is dangerous in these migrations (names or their 14 digits), or in all of the directory. */
export async function lintMigrations(surroundings: Surroundings, names: readonly string[]): Promise<LintReport> {
  const migrations = await requireMigrations(surroundings);
  const wanted = new Set(names.map((name) => requireName({ migrations }, name)));
  const chosen = names.length === 0 ? migrations : migrations.filter(({ name }) => wanted.has(name));
  return report(chosen, surroundings);
}

/** What is dangerous in the migrations that a database does not have yet. */
export async function lintPending(workplace: Workplace): Promise<LintReport> {
  const { observe } = await import('../observe.js');
  const { pending } = await observe(workplace);
  return report(pending, workplace);
}

async function report(
  migrations: readonly Migration[],
  surroundings: Pick<Surroundings, 'variables' | 'cwd'>,
): Promise<LintReport> {
  const parse = await loadParser();
  const read = await Promise.all(migrations.map((migration) => statementsOf(migration, surroundings)));
  return { migrations: migrations.map(({ name }) => name), findings: lint(read, parse) };
}
