import type { ServerMessage } from '../postgres/messages.js';
import { ConnectionLost } from '../postgres/request.js';
import { ResultReader, type Row } from '../script/results.js';
import type { ScriptSession } from '../script/session.js';

/** What the server answered instead of doing what the migrator itself asked for. */
export class Refused extends Error {
  override name = 'Refused';
  readonly sqlstate: string;
  constructor(readonly fields: ServerMessage) {
    super(fields.M ?? 'the server refuses without a reason');
    this.sqlstate = fields.C ?? '';
  }
}

/**
 * Rows of the last statement that has some, as text, of one or more statements of our own. It is carried to its end whatever the
 * signal says, so that it is known how it ended. Throws Refused or ConnectionLost.
 */
export async function query({ wire }: ScriptSession, sql: string): Promise<readonly Row[]> {
  if (wire === undefined) throw new ConnectionLost();
  let rows: readonly Row[] = [];
  const take = (result: ResultReader['last']) => {
    if (result?.kind === 'rows') rows = result.rows;
  };
  const reader = new ResultReader(wire, {
    notice: () => undefined,
    notified: (notification) => void wire.notifications.push(notification),
    result: take,
    copyIn: () => wire.copyFail('not expected'),
    copyOut: () => undefined,
  });
  await wire.query(sql, reader);
  if (reader.last?.kind === 'failure') throw new Refused(reader.last.message);
  take(reader.last);
  return rows;
}

/** True for what is thrown when the server or the way to it is gone. */
export function isLost(thrown: unknown): boolean {
  return thrown instanceof ConnectionLost || (thrown instanceof Error && thrown.name === 'SessionEnded');
}
