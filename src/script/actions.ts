import { runBackslashCommand } from './commands/run.js';
import { execute } from './connection.js';
import { ScriptFile } from './file.js';
import { includeFile, runNested } from './include.js';
import type { FileStatus } from './loop.js';
import { sendCell } from './send.js';
import { type ScriptSession, SessionEnded } from './session.js';
import type { ScriptSource } from './source.js';

/** One of psql's `-c` and `-f`. */
export type Action =
  /** A query string, which is sent as it is; or, when it begins with a backslash, one command. */
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'file'; readonly name: string }
  /** A script that is no file, with a name for messages or none. */
  | { readonly kind: 'text'; readonly name: string | undefined; readonly source: ScriptSource }
  /** Standard input, without a name in messages: what psql reads when it has nothing else to do. */
  | { readonly kind: 'input' };

/**
 * Runs the actions in order on one session and answers psql's exit status: that of the last one that was run (startup.c, main).
 * With `singleTransaction` BEGIN and COMMIT (or ROLLBACK) go around all of them.
 */
export async function runActions(
  session: ScriptSession,
  actions: readonly Action[],
  { singleTransaction = false }: { singleTransaction?: boolean | undefined } = {},
): Promise<FileStatus> {
  try {
    return singleTransaction ? await inTransaction(session, actions) : await inOrder(session, actions);
  } catch (error) {
    if (error instanceof SessionEnded) return 2;
    throw error;
  } finally {
    await session.flush();
  }
}

async function inTransaction(session: ScriptSession, actions: readonly Action[]): Promise<FileStatus> {
  if (!(await execute(session, 'BEGIN')) && session.settings.onErrorStop) return 3;
  const status = await inOrder(session, actions);
  if (session.wire === undefined) return status;
  const isSound = await execute(session, status !== 0 && session.settings.onErrorStop ? 'ROLLBACK' : 'COMMIT');
  return !isSound && session.settings.onErrorStop ? 3 : status;
}

async function inOrder(session: ScriptSession, actions: readonly Action[]): Promise<FileStatus> {
  let status: FileStatus = 0;
  for (const action of actions) {
    status = await runAction(session, action);
    if (status !== 0 && session.settings.onErrorStop) break;
  }
  return status;
}

function runAction(session: ScriptSession, action: Action): Promise<FileStatus> {
  if (action.kind === 'file') return includeFile(session, action.name);
  if (action.kind === 'input') return runNested(session, undefined, session.standardInput);
  if (action.kind === 'text') return runNested(session, action.name, action.source);
  return runCommandText(session, action.text);
}

async function runCommandText(session: ScriptSession, text: string): Promise<FileStatus> {
  session.log.terse = true;
  const isSound = text.startsWith('\\') ? await runOneCommand(session, text) : await sendCell(session, text);
  return isSound ? 0 : 1;
}

/** Only the first command of the text counts, and there is no query buffer that it could send. */
async function runOneCommand(session: ScriptSession, text: string): Promise<boolean> {
  if (session.settings.echo === 'all') session.stdout.write(`${text}\n`);
  const file = new ScriptFile(session, { name: undefined, includedFrom: undefined, source: undefined });
  const outer = session.file;
  session.file = file;
  try {
    file.lexer.startLine(text, {
      line: 0,
      standardStrings: session.standardStrings,
      encoding: session.wire?.clientEncoding,
    });
    file.lexer.next();
    return (await runBackslashCommand(session, file)) !== 'failed';
  } finally {
    session.file = outer;
  }
}
