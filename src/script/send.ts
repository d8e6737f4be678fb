import type { Wire } from '../postgres/wire.js';
import { countCopies } from '../psql/lexer/copies.js';
import type { Query } from '../psql/lexer/query.js';
import { answered, execute } from './connection.js';
import { showNotifications } from './message.js';
import { stackOf } from './place.js';
import { recordStatement } from './record.js';
import type { ScriptSession } from './session.js';
import { type SendOptions, StatementRun } from './statement.js';
import { runsWithoutBegin } from './transactions.js';

/**
 * Sends one query string with everything that psql does around it (common.c, SendQuery): echo, BEGIN with AUTOCOMMIT off, a
 * savepoint with ON_ERROR_ROLLBACK, timing, notifications. Resolves with false when it failed, which has been reported.
 */
export async function sendQuery(session: ScriptSession, query: Query, options: SendOptions = {}): Promise<boolean> {
  const { wire, settings } = session;
  if (wire === undefined) {
    session.report('error', 'You are currently not connected to a database.');
    return false;
  }
  const refusal = session.options.refuse?.(query.text);
  if (refusal !== undefined) {
    session.report('error', refusal);
    return false;
  }
  const statement = { text: query.text, stack: stackOf(session.place) };
  if ((await session.options.beforeStatement?.(statement)) === 'skip') return true;
  recordStatement(session, query);
  if (settings.echo === 'queries') session.stdout.write(`${query.text}\n`);
  session.logOutput?.buffer.write(`********* QUERY **********\n${query.text}\n**************************\n\n`);
  if (!(await beginIfWanted(session, wire, query.text))) return false;
  const savepoint = await setSavepoint(session, wire);
  const started = performance.now();
  const request = session.nextRequest?.(query.text);
  session.nextRequest = undefined;
  const run = new StatementRun(session, wire, query, request === undefined ? options : { ...options, request });
  const isSound = await concluded(session, run);
  const elapsed = performance.now() - started;
  if (savepoint) await leaveSavepoint(session, wire, run.tag);
  if (settings.timing) session.stdout.write(`Time: ${elapsed.toFixed(3)} ms\n`);
  followEvents(session, wire);
  return isSound;
}

/** Runs a statement to its end; a connection that is lost meanwhile ends the session. */
export async function concluded(session: ScriptSession, run: StatementRun): Promise<boolean> {
  await answered(session, run.start(), () => run.last, run.place);
  return finished(session, run);
}

/** Shows what came of a statement that has been answered; nothing is waited for where nothing has to be. */
export function finished(session: ScriptSession, run: StatementRun): boolean | Promise<boolean> {
  const finishing = run.finish();
  return typeof finishing === 'boolean'
    ? echoFailure(session, run, finishing)
    : finishing.then((isSound) => echoFailure(session, run, isSound));
}

function echoFailure(session: ScriptSession, run: StatementRun, isSound: boolean): boolean {
  if (!isSound && session.settings.echo === 'errors')
    session.report('info', `STATEMENT:  ${run.query.text}`, run.place);
  return isSound;
}

/** Sends a value of `\gexec` as a query string: variables and commands in it mean nothing, but COPY reads the script's next lines. */
export function sendCell(session: ScriptSession, text: string): Promise<boolean> {
  if (session.settings.echo === 'all') session.stdout.write(`${text}\n`);
  return sendQuery(session, { text, copies: countCopies(text, session.standardStrings), origin: () => undefined });
}

async function beginIfWanted(session: ScriptSession, wire: Wire, sql: string): Promise<boolean> {
  if (session.settings.autocommit || wire.transactionStatus !== 'I' || runsWithoutBegin(sql)) return true;
  return execute(session, 'BEGIN');
}

async function setSavepoint(session: ScriptSession, wire: Wire): Promise<boolean> {
  if (session.settings.onErrorRollback !== 'on' || wire.transactionStatus !== 'T') return false;
  return execute(session, 'SAVEPOINT pg_psql_temporary_savepoint');
}

/** Tags of commands after which our savepoint is gone, or releasing it would release theirs. */
const endsSavepoint: ReadonlySet<string> = new Set(['COMMIT', 'SAVEPOINT', 'RELEASE', 'ROLLBACK']);

async function leaveSavepoint(session: ScriptSession, wire: Wire, tag: string): Promise<void> {
  if (wire.transactionStatus === 'E') await execute(session, 'ROLLBACK TO pg_psql_temporary_savepoint');
  else if (wire.transactionStatus === 'T' && !endsSavepoint.has(tag))
    await execute(session, 'RELEASE pg_psql_temporary_savepoint');
}

/** What a statement may have brought besides its results: SET client_encoding shows in the variable, notifications are shown. */
export function followEvents(session: ScriptSession, wire: Wire): void {
  const { variables } = session;
  if (variables.get('ENCODING') !== wire.clientEncoding) variables.set('ENCODING', wire.clientEncoding);
  if (wire.notifications.length > 0) showNotifications(session, wire);
}
