import type { ServerMessage } from '../postgres/messages.js';
import type { Wire } from '../postgres/wire.js';
import type { Query } from '../psql/lexer/query.js';
import { formatServerMessage, type MessageOptions } from '../psql/message/format.js';
import type { Place } from './place.js';
import type { ScriptSession } from './session.js';

/** A message of the server in psql's words, by the session's VERBOSITY and SHOW_CONTEXT. */
export function formatMessage({ settings }: ScriptSession, message: ServerMessage, query?: Query): string {
  return formatServerMessage(message, {
    verbosity: settings.verbosity as MessageOptions['verbosity'],
    showContext: settings.showContext as MessageOptions['showContext'],
    isError: isFailure(message),
    query: query?.text,
  });
}

function isFailure({ V, S }: ServerMessage): boolean {
  return ['ERROR', 'FATAL', 'PANIC'].includes(V ?? S ?? '');
}

/** Shows a message of the server where psql would. */
export function showMessage(
  session: ScriptSession,
  message: ServerMessage,
  query: Query,
  place: Place = session.place,
): void {
  session.log.write('info', formatMessage(session, message, query), place);
}

/** Shows what other sessions, or this one, have notified (common.c, PrintNotifications). */
export function showNotifications(session: ScriptSession, wire: Wire): void {
  for (const { channel, payload, processId } of wire.notifications.splice(0)) {
    const withPayload = payload === '' ? '' : ` with payload "${payload}"`;
    session.queryOutput.buffer.write(
      `Asynchronous notification "${channel}"${withPayload} received from server process with PID ${processId}.\n`,
    );
  }
}
