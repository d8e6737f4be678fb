import { type Column, describePacket, parsePacket, Reply, readColumns, syncPacket } from '../postgres/messages.js';
import type { ReplyHandler } from '../postgres/request.js';
import type { Query } from '../psql/lexer/query.js';
import { quoteLiteral } from '../sql/quote.js';
import { answered, ask } from './connection.js';
import { printRows } from './print.js';
import { recordFailure, recordNotice } from './record.js';
import type { ScriptSession } from './session.js';

/** `\gdesc`: prints names and types of the columns that a query would give, without running it (common.c, DescribeQuery). */
export async function describeQuery(session: ScriptSession, query: Query): Promise<boolean> {
  const { wire, codec } = session;
  if (wire === undefined) {
    session.report('error', 'You are currently not connected to a database.');
    return false;
  }
  if (session.settings.echo === 'queries') session.stdout.write(`${query.text}\n`);
  const name = Buffer.alloc(0);
  const request = Buffer.concat([parsePacket(name, codec.encode(query.text)), describePacket('S', name), syncPacket()]);
  let columns: readonly Column[] = [];
  let isSound = true;
  const handler: ReplyHandler = {
    reply(type, bytes, start) {
      if (type === Reply.rowDescription) columns = readColumns(bytes, start, codec);
    },
    failure(message) {
      isSound = false;
      recordFailure(session, message, query, session.place);
    },
    notice: (message) => recordNotice(session, message, query, session.place),
  };
  await answered(session, wire.request(request, handler), () => undefined);
  return isSound && printColumns(session, columns);
}

async function printColumns(session: ScriptSession, columns: readonly Column[]): Promise<boolean> {
  const { buffer } = session.queryOutput;
  if (columns.length === 0) {
    buffer.write('The command has no result, or the result has no columns.\n');
    return true;
  }
  const values = columns.map(
    ({ name, typeOid, typeModifier }) => `(${quoteLiteral(name)}::text, ${typeOid}::oid, ${typeModifier})`,
  );
  const result = await ask(
    session,
    `SELECT name AS "Column", pg_catalog.format_type(tp, tpm) AS "Type" FROM (VALUES ${values.join(', ')}) s(name, tp, tpm)`,
  );
  if (result?.kind === 'rows') printRows(session, result, buffer);
  return result !== undefined;
}
