import { ExitCode, UserError } from '../errors.js';
import type { ScriptSession } from '../script/session.js';
import type { AppliedMigration } from './compare.js';
import { type History, readAppliedText } from './history.js';
import type { SourceFile } from './migration.js';

/** Applied migrations whose files have changed since, with what has changed, and the three ways out. */
export async function editedError(
  session: ScriptSession,
  history: History,
  edited: readonly AppliedMigration[],
): Promise<UserError> {
  const parts: string[] = [];
  for (const one of edited) parts.push(await describeEdit(session, history, one));
  const [first] = edited;
  const name = first?.row.name ?? '';
  return new UserError(
    `${edited.length === 1 ? 'an applied migration was' : `${edited.length} applied migrations were`} edited\n${parts.join('\n')}`,
    {
      exitCode: ExitCode.ambiguous,
      hint: [
        'restore the files as they were applied',
        `or accept the new text without running it: migrator repair '${name}'`,
        `or undo it and apply the new text: migrator redo '${name}'`,
      ].join('\n'),
    },
  );
}

/** The migration's hashes, and a unified diff where the text that was applied was kept. */
async function describeEdit(
  session: ScriptSession,
  history: History,
  { row, migration }: AppliedMigration,
): Promise<string> {
  const head = [
    `${row.name}, applied ${row.appliedAt}`,
    `  hash in the database: ${row.hash}`,
    `  hash of the files:    ${migration.up.hash}`,
  ];
  const before = await readAppliedText(session, history, row.name);
  if (before === undefined)
    return [...head, '  the text that was applied was not kept, so there is no diff'].join('\n');
  return [...head, ...(await diffFiles(before, migration.up.sources))].join('\n');
}

type KeptFile = { readonly name: string; readonly text: string };

/** Pairs files by their place in the order of mention, as the hash does. */
async function diffFiles(before: readonly KeptFile[], now: readonly SourceFile[]): Promise<string[]> {
  const { createTwoFilesPatch } = await import('diff');
  const count = Math.max(before.length, now.length);
  return Array.from({ length: count }, (_, index) => {
    const [old, current] = [before[index], now[index]];
    const texts = [old?.text ?? '', current?.bytes.toString('utf8') ?? ''] as const;
    if (texts[0] === texts[1]) return '';
    const names = [`applied/${old?.name ?? '(nothing)'}`, current?.name ?? '(nothing)'] as const;
    const plain = texts.map((text) => text.replaceAll('\r\n', '\n')) as [string, string];
    return createTwoFilesPatch(...names, ...plain);
  }).flatMap((patch) => (patch === '' ? [] : patch.replace(/^=+\n/, '').trimEnd().split('\n')));
}
