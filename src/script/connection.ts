import type { UserError } from '../errors.js';
import type { ConnectionConfig } from '../postgres/config.js';
import { connect } from '../postgres/connect.js';
import { ConnectionLost } from '../postgres/request.js';
import { Wire } from '../postgres/wire.js';
import { commandError } from './failure.js';
import { formatMessage, showMessage } from './message.js';
import type { Place } from './place.js';
import { type Result, ResultReader } from './results.js';
import { type ScriptSession, SessionEnded } from './session.js';

/** Connects the session; throws a ConnectionError. Warnings of libpq's, about a password file for instance, are shown first. */
export async function openConnection(session: ScriptSession, config: ConnectionConfig): Promise<Wire> {
  for (const warning of config.warnings) session.stderr.write(`WARNING: ${warning}\n`);
  const connected = await connect(config, { signal: session.signal });
  return new Wire(connected);
}

/** The failure as libpq words it, its hint on a line of its own behind a tab. */
export function libpqText({ message, hint }: UserError): string {
  return hint === undefined ? message : `${message}\n\t${hint}`;
}

/** Makes a connection the session's own: variables that describe it follow. */
export function adoptConnection(session: ScriptSession, config: ConnectionConfig, wire: Wire): void {
  const { variables } = session;
  session.config = config;
  session.wire = wire;
  const { host, port } = wire.connected.host;
  variables.set('DBNAME', config.database);
  variables.set('USER', config.user);
  variables.set('HOST', host);
  variables.set('PORT', String(port));
  variables.set('ENCODING', wire.clientEncoding);
  const version = wire.parameters.get('server_version') ?? '';
  variables.set('SERVER_VERSION_NAME', version);
  variables.set('SERVER_VERSION_NUM', versionNumber(version));
}

const connectionVariables = ['DBNAME', 'USER', 'HOST', 'PORT', 'ENCODING', 'SERVER_VERSION_NAME', 'SERVER_VERSION_NUM'];

/** Closes the connection; the variables that described it go. */
export async function dropConnection(session: ScriptSession): Promise<void> {
  const { wire, variables } = session;
  session.wire = undefined;
  for (const name of connectionVariables) variables.set(name, undefined);
  await wire?.close();
}

/** `15.4 (Debian)` is 150004, `9.6.2` is 90602, `19devel` is 190000 (PQserverVersion). */
function versionNumber(version: string): string {
  const [major = 0, minor = 0, patch = 0] = version.split(/[^\d]+/).map(Number);
  return String(major >= 10 ? major * 10000 + minor : (major * 100 + minor) * 100 + patch);
}

/** Runs a statement of our own (BEGIN, SAVEPOINT); false when it failed, which has been shown. */
export async function execute(session: ScriptSession, sql: string): Promise<boolean> {
  return (await ask(session, sql)) !== undefined;
}

/** The last result of a query of our own; undefined when it failed, which has been shown: whole, its first line, or not at all. */
export async function ask(
  session: ScriptSession,
  sql: string,
  manner: 'aloud' | 'briefly' | 'silent' = 'aloud',
): Promise<Result | undefined> {
  const { wire } = session;
  if (wire === undefined) {
    session.report('error', 'You are currently not connected to a database.');
    return undefined;
  }
  const query = { text: sql, copies: 0, origin: () => undefined };
  const reader = new ResultReader(wire, {
    notice: (message) => showMessage(session, message, query),
    notified: (notification) => void wire.notifications.push(notification),
    result: () => undefined,
    copyIn: () => wire.copyFail('not expected'),
    copyOut: () => undefined,
  });
  await answered(session, wire.query(sql, reader), () => reader.last);
  const { last } = reader;
  if (last?.kind === 'failure' && manner === 'aloud') showMessage(session, last.message, query);
  if (last?.kind === 'failure' && manner === 'briefly') {
    session.report('error', `${last.message.S}:  ${last.message.M}`);
  }
  return last?.kind === 'failure' ? undefined : last;
}

/** Waits for a request's end; a connection that is lost meanwhile ends the session. */
export async function answered(
  session: ScriptSession,
  request: Promise<unknown>,
  last: () => Result | undefined,
  place: Place = session.place,
): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    endSession(session, last(), place);
  }
  session.signal?.throwIfAborted();
}

const closedUnexpectedly = `server closed the connection unexpectedly
\tThis probably means the server terminated abnormally
\tbefore or while processing the request.`;

/**
 * Says what the server said last, that it is gone, and gives up (psql: "connection to server was lost", status 2); unless the script
 * was aborted, which is why.
 */
export function endSession(session: ScriptSession, last: Result | undefined, place: Place): never {
  session.signal?.throwIfAborted();
  const message = last?.kind === 'failure' ? last.message : session.wire?.farewell;
  if (message !== undefined) session.log.write('info', formatMessage(session, message), place);
  session.log.write('info', closedUnexpectedly, place);
  session.log.write('error', 'connection to server was lost', place);
  session.keepError(commandError(message?.M ?? 'server closed the connection unexpectedly', place, 'connection'));
  session.wire = undefined;
  throw new SessionEnded('connection to server was lost');
}
