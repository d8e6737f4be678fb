import assert from 'node:assert/strict';
import type pg from 'pg';
import { flat } from './workbench.js';

/** Migrations whose effects can be told from outside: each makes a table with five rows and an index, a little at a time. */
export const names: readonly string[] = Array.from({ length: 8 }, (_, index) => `2024010100000${index}-step-${index}`);

export const files: Readonly<Record<string, string>> = Object.fromEntries(
  names.map((name, index) => [
    `${name}.sql`,
    flat(
      `CREATE TABLE public.step_${index} (n int) INHERITS (hectic.created_at);
INSERT INTO public.step_${index} (n) SELECT generate_series(1, 3);
SELECT pg_sleep(0.005);
CREATE INDEX step_${index}_n ON public.step_${index} (n);
INSERT INTO public.step_${index} (n) SELECT generate_series(4, 5);`,
      `DROP TABLE public.step_${index};`,
    ),
  ]),
);

/**
 * Fails unless every recorded migration is there whole and every other one not at all, and the recorded ones are the first ones. Answers
 * how many they are.
 */
export async function assertWhole(client: pg.Client): Promise<number> {
  const { rows: tables } = await client.query("SELECT to_regclass('hectic.migration') IS NOT NULL AS exists");
  const history = tables[0]?.exists
    ? await client.query('SELECT name FROM hectic.migration ORDER BY id')
    : { rows: [] };
  const recorded: string[] = history.rows.map(({ name }) => name);
  assert.deepEqual(recorded, names.slice(0, recorded.length));
  for (const [index, name] of names.entries()) {
    const expected = recorded.includes(name)
      ? { table: true, index: true, rows: 5 }
      : { table: false, index: false, rows: 0 };
    assert.deepEqual(await effectOf(client, `public.step_${index}`), expected, name);
  }
  return recorded.length;
}

async function effectOf(client: pg.Client, table: string): Promise<object> {
  const { rows } = await client.query(
    'SELECT to_regclass($1) IS NOT NULL AS "table", to_regclass($2) IS NOT NULL AS "index"',
    [table, `${table}_n`],
  );
  const count = rows[0]?.table
    ? await client.query(`SELECT count(*)::int AS rows FROM ${table}`)
    : { rows: [{ rows: 0 }] };
  return { ...rows[0], ...count.rows[0] };
}

/** Resolves when the server has noticed that no migrator is there any more. */
export async function sessionsGone(client: pg.Client): Promise<void> {
  const others = `SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`;
  for (;;) {
    const { rows } = await client.query(others);
    if (rows[0]?.count === 0) return;
  }
}
