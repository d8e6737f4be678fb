import type { ServerMessage } from '../postgres/messages.js';
import type { Query } from '../psql/lexer/query.js';
import { serverError } from './failure.js';
import { showMessage } from './message.js';
import { type Place, stackOf } from './place.js';
import type { ScriptSession } from './session.js';

/** A statement is about to be sent. */
export function recordStatement(session: ScriptSession, { text }: Query, place: Place = session.place): void {
  session.statements++;
  session.events.statement?.({ text, stack: stackOf(place) });
}

/** Variables that tell a script how its last statement went (common.c, SetResultVariables). */
export function recordSuccess({ variables }: ScriptSession, rowCount: string): void {
  variables.set('ERROR', 'false');
  variables.set('SQLSTATE', '00000');
  variables.set('ROW_COUNT', rowCount);
}

/** Shows a failure and keeps it: as a value, in variables, and for `\errverbose`. */
export function recordFailure(session: ScriptSession, message: ServerMessage, query: Query, place: Place): void {
  const { variables } = session;
  if (session.printsErrors) showMessage(session, message, query, place);
  session.lastFailure = { message, query };
  session.keepError(serverError(message, query, place));
  variables.set('ERROR', 'true');
  variables.set('SQLSTATE', message.C ?? '');
  variables.set('ROW_COUNT', '0');
  variables.set('LAST_ERROR_SQLSTATE', message.C ?? '');
  variables.set('LAST_ERROR_MESSAGE', message.M ?? '');
}

export function recordNotice(session: ScriptSession, message: ServerMessage, query: Query, place: Place): void {
  showMessage(session, message, query, place);
  session.events.notice?.(message);
}
