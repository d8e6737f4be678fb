import { UserError } from '../../errors.js';

/** pg_dump failed; its own words, without its name in front of each line. */
export function dumpFailure(words: string, cause?: unknown): UserError {
  const lines = words
    .split('\n')
    .map((line) => line.replace(/^pg_dump: (?:error: |detail: |hint: )?/, '').trim())
    .filter((line) => line !== '');
  const needsRights = lines.some((line) => line.includes('permission denied'));
  return new UserError(`the schema cannot be dumped: ${lines.join('\n')}`, {
    cause,
    hint: needsRights ? 'A dump locks every table and reads all of its definition: connect as the owner.' : undefined,
  });
}
