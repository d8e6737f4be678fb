import type { Query } from '../psql/lexer/query.js';
import { runBackslashCommand } from './commands/run.js';
import type { ScriptFile } from './file.js';
import { sendQuery } from './send.js';
import type { ScriptSession } from './session.js';
import type { ScriptSource } from './source.js';

/** How a file ended: 0 normally, 1 not a script, 2 without a connection, 3 at an error with ON_ERROR_STOP (psql's EXIT_*). */
export type FileStatus = 0 | 1 | 2 | 3;

interface Line {
  readonly text: string;
  /** ON_ERROR_STOP when the line began. */
  readonly stopOnError: boolean;
  /** Its statements need not wait for one another. */
  readonly maySendAhead: boolean;
  /** It does nothing but name a file, whose statements may join those under way. */
  readonly isInclude: boolean;
}

/** A line with an include command and nothing else, whose name holds no variable and no backtick. */
const onlyIncludes = /^\s*\\(?:ir?|include(?:_relative)?)\s+[^\s:`'"\\]+\s*$/;

type LineOutcome = 'sound' | 'failed' | 'quit';

/** Runs the lines of a file to its end (mainloop.c). ON_ERROR_STOP counts as it is when a line begins. */
export async function runLines(session: ScriptSession, file: ScriptFile, source: ScriptSource): Promise<FileStatus> {
  let stopOnError = session.settings.onErrorStop;
  for (
    let bytes = await source.nextLine();
    bytes !== undefined;
    bytes = source.takeLine() ?? (await source.nextLine())
  ) {
    if (bytes.includes(0) || (source.lineNumber === 1 && isDump(bytes))) return refuseForeign(session, bytes);
    const text = textOf(session, bytes, source.lineNumber);
    if (file.lexer.dropsLine(text)) continue;
    const isInclude = onlyIncludes.test(text) && file.lexer.pending.text === '';
    const maySendAhead = !session.ahead.dependsOnReplies(text);
    if (!maySendAhead && !isInclude && !(await session.ahead.conclude()) && stopOnError) return 3;
    if (session.settings.echo === 'all') session.stdout.write(`${text}\n`);
    stopOnError = session.settings.onErrorStop;
    const outcome = await runLine(session, file, { text, stopOnError, maySendAhead, isInclude });
    if (outcome === 'quit') return sendPending(session, file, stopOnError);
    if (outcome === 'failed' && stopOnError) return 3;
    if (session.wire === undefined) return 2;
  }
  return finishFile(session, file, stopOnError);
}

function textOf({ codec }: ScriptSession, bytes: Buffer, lineNumber: number): string {
  const text = codec.decode(bytes, 0, bytes.length);
  return lineNumber === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** What is no script at all is not sent to the server piece by piece. */
async function refuseForeign(session: ScriptSession, bytes: Buffer): Promise<FileStatus> {
  if (!(await session.ahead.conclude()) && session.settings.onErrorStop) return 3;
  if (isDump(bytes)) session.stdout.write(dumpNotice);
  else session.report('error', 'the line holds a zero byte: this is not an SQL script');
  return 1;
}

function isDump(bytes: Buffer): boolean {
  return bytes.subarray(0, 5).toString('latin1') === 'PGDMP';
}

const dumpNotice = `The input is a PostgreSQL custom-format dump.
Use the pg_restore command-line client to restore this dump to a database.

`;

/** After a failure the rest of the line counts only without ON_ERROR_STOP; the last thing on it decides whether the line failed. */
async function runLine(
  session: ScriptSession,
  file: ScriptFile,
  { text, stopOnError, maySendAhead, isInclude }: Line,
): Promise<LineOutcome> {
  const { lexer } = file;
  const line = file.source?.lineNumber ?? 0;
  lexer.startLine(text, { line, standardStrings: session.standardStrings, encoding: session.wire?.clientEncoding });
  let isSound = true;
  let isCommandSeen = false;
  while (isSound || !stopOnError) {
    const event = lexer.next();
    if (event.kind === 'end') {
      if (event.complete && session.settings.singleLine) isSound = await sendAlone(session, lexer.takeQuery());
      break;
    }
    if (event.kind === 'statement') {
      const goesAhead = maySendAhead && !isCommandSeen && session.ahead.accepts(event.query);
      const sending = goesAhead ? session.ahead.push(event.query) : sendAlone(session, event.query);
      isSound = typeof sending === 'boolean' ? sending : await sending;
      continue;
    }
    isCommandSeen = true;
    file.takesOver = isInclude;
    if (!isInclude && !(await session.ahead.conclude()) && stopOnError) return 'failed';
    const outcome = await runBackslashCommand(session, file);
    if (outcome === 'quit') return 'quit';
    isSound = typeof outcome === 'object' ? await outcome.send(lexer.takeQuery()) : outcome === 'done';
  }
  return isSound ? 'sound' : 'failed';
}

async function sendAlone(session: ScriptSession, query: Query): Promise<boolean> {
  const isSound = await session.ahead.conclude();
  return (isSound || !session.settings.onErrorStop) && (await sendQuery(session, query));
}

/** A statement that no semicolon ended is sent at the end of its file, also after `\q`. */
async function sendPending(session: ScriptSession, file: ScriptFile, stopOnError: boolean): Promise<FileStatus> {
  const query = file.lexer.finish();
  const isSound = query === undefined || (await sendQuery(session, query));
  if (!isSound && stopOnError) return 3;
  return session.wire === undefined ? 2 : 0;
}

/** What is under way at the end of an included file is left to the file around it. */
async function finishFile(session: ScriptSession, file: ScriptFile, stopOnError: boolean): Promise<FileStatus> {
  const { lexer, conditions } = file;
  if (file.isTakenOver && lexer.pending.text === '' && conditions.depth === 0) return 0;
  if (!(await session.ahead.conclude()) && stopOnError) return 3;
  const status = await sendPending(session, file, stopOnError);
  if (status === 3 || conditions.depth === 0) return status;
  session.report('error', 'reached EOF without finding closing \\endif(s)');
  return stopOnError ? 3 : status;
}
