import { formatServerMessage } from '../../psql/message/format.js';
import { quoteLiteral } from '../../sql/quote.js';
import { ask } from '../connection.js';
import { CrosstabFault, crosstab } from '../crosstab.js';
import { printAsTable } from '../print.js';
import type { RowsResult } from '../results.js';
import { sendQuery } from '../send.js';
import { argument, type Command, type CommandOutcome, type CommandTable, failed } from './command.js';

/** Commands that show something: `\errverbose`, `\sf`, `\sv`, `\crosstabview`. */
export const inspectCommands: CommandTable = {
  errverbose: { run: showLastError },
  crosstabview: { run: crosstabView },
  sf: { run: (command) => showSource(command, 'function', false), skip: 'whole-line' },
  'sf+': { run: (command) => showSource(command, 'function', true), skip: 'whole-line' },
  sv: { run: (command) => showSource(command, 'view', false), skip: 'whole-line' },
  'sv+': { run: (command) => showSource(command, 'view', true), skip: 'whole-line' },
};

function showLastError({ session }: Command): CommandOutcome {
  const { lastFailure } = session;
  if (lastFailure === undefined) {
    session.stdout.write('There is no previous error.\n');
    return 'done';
  }
  const { message, query } = lastFailure;
  const text = formatServerMessage(message, {
    verbosity: 'verbose',
    showContext: 'always',
    isError: true,
    query: query.text,
  });
  session.log.write('error', text, session.place);
  return 'done';
}

async function crosstabView({ session, scanner }: Command): Promise<CommandOutcome> {
  const words: string[] = [];
  for (
    let word = await scanner.argument();
    word !== undefined;
    word = words.length < 4 ? await scanner.argument() : undefined
  ) {
    words.push(word.text);
  }
  const takeRows = async (result: RowsResult) => {
    try {
      printAsTable(session, crosstab(result, words, session.print), session.queryOutput.buffer);
      return true;
    } catch (error) {
      if (!(error instanceof CrosstabFault)) throw error;
      session.report('error', `\\crosstabview: ${error.message}`);
      return false;
    }
  };
  return { send: (query) => sendQuery(session, query, { takeRows }) };
}

/** Definitions as text: where the server finds the object, and how it writes it. */
const sources = {
  function: {
    find: (name: string) =>
      `SELECT ${quoteLiteral(name)}::pg_catalog.${name.includes('(') ? 'regprocedure' : 'regproc'}::pg_catalog.oid`,
    write: (oid: string) => `SELECT pg_catalog.pg_get_functiondef(${oid})`,
    /** Lines are counted from the body on, as the server counts them in its errors. */
    firstLine: /^(?:AS |BEGIN |RETURN )/,
  },
  view: {
    find: (name: string) => `SELECT ${quoteLiteral(name)}::pg_catalog.regclass::pg_catalog.oid`,
    write: (oid: string) => viewQuery(oid),
    firstLine: /^/,
  },
} as const;

async function showSource(command: Command, kind: keyof typeof sources, withNumbers: boolean): Promise<CommandOutcome> {
  const { session } = command;
  const name = await argument(command, 'whole-line', { stripSemicolons: true });
  if (name === undefined) return failed(command, `${kind} name is required`);
  const source = sources[kind];
  const found = await ask(session, source.find(name), 'briefly');
  const oid = found?.kind === 'rows' ? found.rows[0]?.[0] : undefined;
  if (!oid) return 'failed';
  const written = await ask(session, source.write(oid));
  const text = written?.kind === 'rows' ? written.rows[0]?.[0] : undefined;
  if (text === undefined) return 'failed';
  if (text === null) {
    session.report('error', `"${name}" is not a view`);
    return 'failed';
  }
  session.stdout.write(withNumbers ? numbered(text, source.firstLine) : withNewline(text));
  return 'done';
}

function viewQuery(oid: string): string {
  return `SELECT CASE WHEN c.relkind = 'v' THEN pg_catalog.format('CREATE OR REPLACE VIEW %I.%I', n.nspname, c.relname)
    || CASE WHEN c.reloptions IS NULL THEN '' ELSE pg_catalog.format(E'\\n WITH (%s)', pg_catalog.array_to_string(c.reloptions, ', ')) END
    || E' AS\\n' || pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid, true), ';') END
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ${oid}`;
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

function numbered(text: string, first: RegExp): string {
  let number = 0;
  const lines = withNewline(text).slice(0, -1).split('\n');
  return lines
    .map((line) => {
      if (number > 0 || first.test(line)) number++;
      return `${(number > 0 ? String(number) : '').padEnd(7)} ${line}\n`;
    })
    .join('');
}
