import { ExitCode, UserError } from '../errors.js';
import { type Comparison, firstMismatch } from './compare.js';
import type { Unfinished } from './history.js';

/** What is applied is not the beginning of what is on disk; undefined when it is. */
export function mismatchError(comparison: Comparison, allowLate: boolean): UserError | undefined {
  const mismatch = firstMismatch(comparison);
  const { history, migrations, missing, late } = comparison;
  if (mismatch === undefined || (missing.length === 0 && allowLate)) return undefined;
  const lines = [
    `Migration history mismatch at position ${mismatch.position}`,
    `Database has:   ${mismatch.database ?? 'nothing'}`,
    `Filesystem has: ${mismatch.filesystem ?? 'nothing'}`,
    ...list(
      'Applied in the database',
      history.applied.map(({ name }) => name),
    ),
    ...list(
      'In the migration directory',
      migrations.map(({ name }) => name),
    ),
  ];
  const hints = [
    ...(missing.length === 0 ? [] : [missingHint(missing.map(({ name }) => name))]),
    ...(late.length === 0 || allowLate ? [] : [lateHint(late.map(({ name }) => name))]),
    'go on past this all the same: --force',
  ];
  return new UserError(lines.join('\n'), { exitCode: ExitCode.ambiguous, hint: hints.join('\n') });
}

function list(title: string, names: readonly string[]): string[] {
  return [`${title}:`, ...(names.length === 0 ? ['  none'] : names.map((name) => `  ${name}`))];
}

function missingHint([first = '', ...others]: readonly string[]): string {
  const which = others.length === 0 ? first : `${first} and ${others.length} more`;
  return `applied, but not on disk: ${which}; restore the files, or forget that it was applied: migrator repair --forget '${first}'`;
}

function lateHint([first = '', ...others]: readonly string[]): string {
  const which = others.length === 0 ? `${first} is` : `${first} and ${others.length} more are`;
  return [
    `${which} pending and older than the last one applied; such as a merged branch brings`,
    `give it the present time: migrator rebase '${first}'`,
    'or apply it out of order: --allow-out-of-order',
  ].join('\n');
}

/** A migration without a transaction stopped on its way, and somebody has to decide. */
export function unfinishedError(unfinished: Unfinished): UserError {
  const { name, direction, statement, text, error } = unfinished;
  const command = direction === 'up' ? name : `the undoing of ${name}`;
  const end =
    error === undefined
      ? 'it is not known whether that took effect: the migrator or the connection ended while it ran'
      : `the server refused it: ${error}`;
  return new UserError(
    `${command} was not finished: it runs without a transaction, and stopped in its statement ${statement}\n  ${shortened(text)}\n${end}`,
    {
      exitCode: ExitCode.ambiguous,
      hint: [
        statement === 1 ? 'nothing before it was run' : `the ${statement - 1} before it are done`,
        'an index whose CREATE INDEX CONCURRENTLY stopped is there, but invalid: drop it first',
        `go on with that statement: migrator resume '${name}'`,
        `go on behind it, because it took effect: migrator resume --skip '${name}'`,
        `forget that it was begun, because all of it is undone: migrator resume --abandon '${name}'`,
      ].join('\n'),
    },
  );
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
