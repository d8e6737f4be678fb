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
  for (;;) {
    const line = source.takeLine(session.codec) ?? (await readLine(session, source));
    if (line === undefined) return finishFile(session, file, stopOnError);
    if (isForeign(line, source.lineNumber)) return refuseForeign(session, line);
    const text = source.lineNumber === 1 && line.startsWith('\ufeff') ? line.slice(1) : line;
    if (file.lexer.dropsLine(text)) continue;
    const isInclude = onlyIncludes.test(text) && file.lexer.pending.text === '';
    const maySendAhead = !session.ahead.dependsOnReplies(text);
    if (!maySendAhead && !isInclude && !(await session.ahead.conclude()) && stopOnError) return 3;
    if (session.settings.echo === 'all') session.stdout.write(`${text}\n`);
    stopOnError = session.settings.onErrorStop;
    const running = runLine(session, file, { text, stopOnError, maySendAhead, isInclude });
    const outcome = typeof running === 'string' ? running : await running;
    if (outcome === 'quit') return sendPending(session, file, stopOnError);
    if (outcome === 'failed' && stopOnError) return 3;
    if (session.wire === undefined) return 2;
  }
}

function readLine(session: ScriptSession, source: ScriptSource): Promise<string | undefined> {
  session.ahead.release();
  return source.nextLine(session.codec);
}

function isForeign(line: string, lineNumber: number): boolean {
  return line.includes('\0') || (lineNumber === 1 && isDump(line));
}

/** What is no script at all is not sent to the server piece by piece. */
async function refuseForeign(session: ScriptSession, line: string): Promise<FileStatus> {
  if (!(await session.ahead.conclude()) && session.settings.onErrorStop) return 3;
  if (isDump(line)) session.stdout.write(dumpNotice);
  else session.report('error', 'the line holds a zero byte: this is not an SQL script');
  return 1;
}

function isDump(line: string): boolean {
  return line.startsWith('PGDMP');
}

const dumpNotice = `The input is a PostgreSQL custom-format dump.
Use the pg_restore command-line client to restore this dump to a database.

`;

/** Where the reading of a line has got to. */
interface Progress {
  isSound: boolean;
  isCommandSeen: boolean;
}

/** After a failure the rest of the line counts only without ON_ERROR_STOP; the last thing on it decides whether the line failed. */
function runLine(session: ScriptSession, file: ScriptFile, line: Line): LineOutcome | Promise<LineOutcome> {
  file.lexer.startLine(line.text, {
    line: file.source?.lineNumber ?? 0,
    standardStrings: session.standardStrings,
    encoding: session.wire?.clientEncoding,
  });
  return goOn(session, file, line, { isSound: true, isCommandSeen: false });
}

/** Goes on with a line; a promise is made only where something has to be waited for. */
function goOn(
  session: ScriptSession,
  file: ScriptFile,
  line: Line,
  progress: Progress,
): LineOutcome | Promise<LineOutcome> {
  while (progress.isSound || !line.stopOnError) {
    const event = file.lexer.next();
    if (event.kind === 'end') {
      if (event.complete && session.settings.singleLine)
        return sendAlone(session, file.lexer.takeQuery()).then(outcomeOf);
      break;
    }
    const step =
      event.kind === 'command' ? runCommand(session, file, line, progress) : send(session, event.query, line, progress);
    if (typeof step !== 'boolean') return resume(session, file, line, progress, step);
    progress.isSound = step;
  }
  return outcomeOf(progress.isSound);
}

async function resume(
  session: ScriptSession,
  file: ScriptFile,
  line: Line,
  progress: Progress,
  step: Promise<boolean | 'quit'>,
): Promise<LineOutcome> {
  const result = await step;
  if (result === 'quit') return 'quit';
  progress.isSound = result;
  return goOn(session, file, line, progress);
}

function outcomeOf(isSound: boolean): LineOutcome {
  return isSound ? 'sound' : 'failed';
}

function send(
  session: ScriptSession,
  query: Query,
  { maySendAhead }: Line,
  { isCommandSeen }: Progress,
): boolean | Promise<boolean> {
  const goesAhead = maySendAhead && !isCommandSeen && session.ahead.accepts(query);
  return goesAhead ? session.ahead.push(query) : sendAlone(session, query);
}

async function runCommand(
  session: ScriptSession,
  file: ScriptFile,
  { isInclude, stopOnError }: Line,
  progress: Progress,
): Promise<boolean | 'quit'> {
  progress.isCommandSeen = true;
  file.takesOver = isInclude;
  if (!isInclude && !(await session.ahead.conclude()) && stopOnError) return false;
  const outcome = await runBackslashCommand(session, file);
  if (outcome === 'quit') return 'quit';
  return typeof outcome === 'object' ? outcome.send(file.lexer.takeQuery()) : outcome === 'done';
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
