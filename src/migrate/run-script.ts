import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { UserError } from '../errors.js';
import { describe, type ScriptError, type ScriptPlace } from '../script/errors.js';
import type { SessionOptions } from '../script/options.js';
import { runScript, withFreshSession } from '../script/run.js';
import type { ScriptSession } from '../script/session.js';
import type { MigrationScript, Variables } from './migration.js';
import { shownPath } from './sources.js';

/** What a migration's script runs with. */
export interface ScriptSetting {
  readonly variables: Variables;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly output: { readonly stdout: Writable; readonly stderr: Writable };
  readonly signal: AbortSignal | undefined;
}

/** How the text of a migration ended. */
export interface ScriptEnd {
  readonly isSound: boolean;
  readonly errors: readonly ScriptError[];
}

/**
 * Runs a migration's text on the session's connection, with variables and settings of its own, up to its first error. Throws the
 * signal's reason, and a UserError when it reads a file that its hash does not cover or that has changed meanwhile.
 */
export async function runMigrationScript(
  session: ScriptSession,
  script: MigrationScript,
  setting: ScriptSetting,
  hooks: Pick<SessionOptions, 'refuse' | 'beforeStatement'>,
): Promise<ScriptEnd> {
  const covered = new Set(script.sources.map(({ path }) => path));
  let isRefused = false;
  let inner: ScriptSession | undefined;
  const options: SessionOptions = {
    ...setting,
    ...hooks,
    program: 'migrator',
    printErrors: false,
    refuse: (text) => {
      const refusal = hooks.refuse?.(text);
      isRefused ||= refusal !== undefined;
      return refusal;
    },
    on: {
      file: (stack) => requireCovered(covered, resolve(inner?.system.cwd ?? setting.cwd, stack.at(-1)?.file ?? '')),
    },
  };
  const { status, errors } = await withFreshSession(session, options, (fresh) => {
    inner = fresh;
    return runScript({ ...textOf(script), connection: fresh });
  });
  if (status === 2) session.wire = undefined;
  if (status === 0) await requireUnchanged(script);
  return { isSound: status === 0 && !isRefused, errors };
}

/** A section of a flat file begins with as many empty lines as stand before it, so that messages give the file's own lines. */
function textOf({ path, line, sources: [entry] }: MigrationScript): { file: string } | { text: string; name: string } {
  if (line === 1) return { file: path };
  return { text: `${'\n'.repeat(line - 1)}${entry.bytes.toString('utf8')}`, name: path };
}

function requireCovered(covered: ReadonlySet<string>, path: string): void {
  if (covered.has(path)) return;
  throw new UserError(
    `the migration reads ${path}, which could not be told before it ran and so is not part of its hash`,
    {
      hint: `write the name behind \\i plainly, or give the variable with --set`,
    },
  );
}

async function requireUnchanged({ migration, line, sources }: MigrationScript): Promise<void> {
  for (const [index, { path, bytes }] of sources.entries()) {
    const now = await readFile(path);
    // A section of a flat file was taken out of it; the engine ran that very text.
    if ((index === 0 && line > 1) || now.equals(bytes)) continue;
    throw new UserError(`${path} was changed while the migration ${migration} ran`, { hint: 'run it again' });
  }
}

/** Errors for people, with paths as short as they can be from where the user is. */
export function describeErrors(errors: readonly ScriptError[], cwd: string): string {
  const shorten = ({ file, line }: ScriptPlace) => ({ file: file === undefined ? file : shownPath(file, cwd), line });
  return errors.map((error) => describe({ ...error, stack: error.stack.map(shorten) })).join('\n');
}

/** Where a script lies, for people. */
export function placeOf({ path }: MigrationScript, cwd: string): string {
  return dirname(path) === cwd ? path : shownPath(path, cwd);
}
