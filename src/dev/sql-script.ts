import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { messageOf, UserError } from '../errors.js';
import type { ConnectionConfig } from '../postgres/config.js';
import { describe, type ScriptPlace } from '../script/errors.js';
import { runScript } from '../script/run.js';
import { projectEnvironment } from './project.js';
import type { Workspace } from './workspace.js';

export interface SqlScript {
  readonly connection: ConnectionConfig;
  readonly file: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Takes what the script prints, the server's messages and command tags included; undefined: the terminal, results only. */
  readonly log: string | undefined;
}

/**
 * Runs one of the project's SQL files to its end or its first error, which is thrown with its place and excerpt.
 * `detail` is told the file that is being read. Answers how many files were read.
 */
export async function runSqlScript(
  workspace: Workspace,
  { connection, file, variables = {}, log }: SqlScript,
  detail: (text: string) => void,
): Promise<number> {
  const { project, env, signal, progress } = workspace;
  const files = new Set<string>();
  const onFile = (stack: readonly ScriptPlace[]) => {
    const name = stack.at(-1)?.file ?? '';
    files.add(name);
    detail(shownPath(project.root, name));
  };
  const { status, errors } = await withOutput(workspace, log, (output) =>
    runScript({
      connection,
      file,
      variables,
      quiet: log === undefined,
      output,
      printErrors: log !== undefined,
      signal,
      env: projectEnvironment(project, env),
      on: { file: onFile },
    }),
  );
  const texts = errors.map(describe);
  if (status !== 0) throw new UserError(texts.join('\n') || `${file} could not be run`);
  for (const text of texts) progress.warn(text);
  return files.size;
}

/** Relative to the project's root, for what is below it. */
function shownPath(root: string, path: string): string {
  const short = relative(root, path);
  return short.startsWith('..') ? path : short;
}

/** Lends the streams for a script's output: the workspace's own, or one file for both. */
async function withOutput<T>(
  { stdout, stderr }: Workspace,
  log: string | undefined,
  use: (output: { stdout: Writable; stderr: Writable }) => Promise<T>,
): Promise<T> {
  if (log === undefined) return use({ stdout, stderr });
  const handle = await openLog(log);
  const file = handle.createWriteStream();
  const failure = finished(file).then(
    () => undefined,
    (error: unknown) => logFailure(log, error),
  );
  const result = await use({ stdout: file, stderr: file }).finally(() => file.end());
  const thrown = await failure;
  if (thrown !== undefined) throw thrown;
  return result;
}

async function openLog(log: string): Promise<FileHandle> {
  try {
    if (!existsSync(dirname(log))) await mkdir(dirname(log), { recursive: true });
    return await open(log, 'w');
  } catch (error) {
    throw logFailure(log, error);
  }
}

function logFailure(log: string, error: unknown): UserError {
  return new UserError(`cannot write ${log}: ${messageOf(error)}`, {
    hint: 'HYDRATE_LOG and PATCH_LOG, or PG_LOG_PATH for both, say where the output of the scripts goes',
    cause: error,
  });
}
