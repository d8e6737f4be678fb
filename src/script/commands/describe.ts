import type { Table } from '../../psql/print/table.js';
import { ask } from '../connection.js';
import { printAsTable } from '../print.js';
import type { ScriptSession } from '../session.js';
import { argument, type Command, type CommandOutcome, type CommandRule, outcomeOf } from './command.js';

/** `\d` and its family, `\l`, `\z`: psql 18's own code, translated (the package psql-describe). */
const family = /^(?:d[A-Za-z]*[S+]*|l\+?|list\+?|lo_list\+?|z[S+]*)$/;

export function describeRule(name: string): CommandRule | undefined {
  return family.test(name) ? { run: describe, skip: 'whole-line' } : undefined;
}

/** A table as psql-describe gives it: cells in one row after the other. */
interface DescribedTable {
  readonly opt: { readonly default_footer?: boolean };
  readonly title?: string | null;
  readonly ncolumns: number;
  readonly headers: readonly string[];
  readonly cells: readonly string[];
  readonly footers?: readonly string[] | null;
  readonly aligns: readonly string[];
}

async function describe(command: Command): Promise<CommandOutcome> {
  const { session, name } = command;
  const pattern = await argument(command, 'whole-line', { stripSemicolons: true });
  const { describe: run } = await import('psql-describe');
  let isSound = true;
  const show = (item: string | Record<string, unknown>) => {
    if (typeof item !== 'string')
      printAsTable(session, asTable(item as unknown as DescribedTable), session.queryOutput.buffer);
    else if (isFault(item)) isSound = complain(session, item);
    else session.queryOutput.buffer.write(item.endsWith('\n') ? item : `${item}\n`);
  };
  const { promise } = run(
    pattern === undefined ? `\\${name}` : `\\${name} ${pattern}`,
    session.config?.database ?? '',
    (sql) => answer(session, sql),
    show,
    session.variables.choice('ECHO_HIDDEN') !== 'off',
    Number(session.variables.get('SERVER_VERSION_NUM') ?? 0),
    session.standardStrings,
  );
  await promise;
  return outcomeOf(isSound);
}

/** In the form of `pg`'s results. A query that fails is said by the package, so not here. */
async function answer(session: ScriptSession, sql: string) {
  const result = await ask(session, sql, 'silent');
  if (result?.kind !== 'rows') throw new Error('the query failed');
  const fields = result.columns.map(({ name, typeOid }) => ({ name, dataTypeID: typeOid }));
  return { fields, rows: result.rows, rowCount: result.rows.length };
}

function asTable({ opt, title, ncolumns, headers, cells, footers, aligns }: DescribedTable): Table {
  const rows = Array.from({ length: cells.length / ncolumns }, (_, row) =>
    cells.slice(row * ncolumns, (row + 1) * ncolumns),
  );
  return {
    columns: headers.map((name, index) => ({ name, align: aligns[index] === 'r' ? 'right' : 'left' })),
    rows: rows.map((row) => row.map((cell) => cell ?? '')),
    title: title ?? undefined,
    ...(opt.default_footer && !footers?.length ? {} : { footers: footers ?? [] }),
  };
}

function complain(session: ScriptSession, text: string): false {
  session.report('error', text.trimEnd());
  return false;
}

function isFault(text: string): boolean {
  return /^(?:Did not find any|invalid command|ERROR:|improper |unsupported command)/.test(text);
}
