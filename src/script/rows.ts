import type { RowsResult } from './results.js';
import { sendCell } from './send.js';
import type { ScriptSession } from './session.js';

/** `\gset`: the columns of the only row become variables, NULL unsets (common.c, StoreQueryTuple). */
export function storeRow(session: ScriptSession, { columns, rows }: RowsResult, prefix: string): boolean {
  const [row, ...more] = rows;
  if (row === undefined || more.length > 0) {
    session.report(
      'error',
      row === undefined ? 'no rows returned for \\gset' : 'more than one row returned for \\gset',
    );
    return false;
  }
  return columns.every(({ name }, index) => storeValue(session, `${prefix}${name}`, row[index] ?? undefined));
}

function storeValue(session: ScriptSession, name: string, value: string | undefined): boolean {
  if (session.variables.isControl(name)) {
    session.report('warning', `attempt to \\gset into specially treated variable "${name}" ignored`);
    return true;
  }
  const fault = session.variables.set(name, value);
  if (fault !== undefined) session.report('error', fault);
  return fault === undefined;
}

/** `\gexec`: every value that is not NULL runs as a query string of its own, row by row (common.c, ExecQueryTuples). */
export async function runCells(session: ScriptSession, { rows }: RowsResult): Promise<boolean> {
  let isSound = true;
  for (const cell of rows.flat()) {
    if (cell === null) continue;
    isSound = (await sendCell(session, cell)) && isSound;
    if (!isSound && session.settings.onErrorStop) return false;
  }
  return isSound;
}
