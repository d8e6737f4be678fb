import pg from 'pg';
import { UserError } from '../errors.js';

/** The part of `pg`'s clients that the bundle needs. */
export type Queryable = Pick<pg.ClientBase, 'query'>;

/** Runs `use` between BEGIN and COMMIT, and rolls back when it throws. */
export async function inTransaction<T>(client: Queryable, use: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await use();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A lost connection cannot roll back and need not: the server does. The first error is the one to report.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** What the server refused, with its own hint, as an error for the user; anything else as it is. */
export function userErrorOf(thrown: unknown, subject: string): unknown {
  if (!(thrown instanceof pg.DatabaseError)) return thrown;
  const detail = thrown.detail === undefined ? '' : `\n${thrown.detail}`;
  const hint = thrown.hint ?? hints[thrown.code ?? ''];
  return new UserError(`${subject}: ${thrown.message}${detail}`, { hint, cause: thrown });
}

/** Remedies that the server does not give, by SQLSTATE. */
const hints: Readonly<Record<string, string>> = {
  '55P03': 'another session holds a lock on the hectic schema or a table under its rules; pg_stat_activity shows which',
};
