import { setPrintOption } from '../../psql/print/pset.js';
import type { PrintSettings } from '../../psql/print/settings.js';
import { runCells, storeRow } from '../rows.js';
import { sendQuery } from '../send.js';
import { argument, type Command, type CommandOutcome, type CommandTable, isForbidden } from './command.js';

/** Commands that send the query buffer, and those that look at it: `\g`, `\gx`, `\gset`, `\gexec`, `\r`, `\p`. */
export const queryCommands: CommandTable = {
  g: { run: go, skip: 'file-or-pipe' },
  gx: { run: go, skip: 'file-or-pipe' },
  gset: { run: setFromRow },
  gexec: { run: executeCells },
  r: { run: reset },
  reset: { run: reset },
  p: { run: print },
  print: { run: print },
};

async function go(command: Command): Promise<CommandOutcome> {
  const { session, name } = command;
  let target = await argument(command, 'file-or-pipe');
  let { print } = session;
  if (target?.startsWith('(')) {
    const changed = await readPrintOptions(command, target.slice(1));
    if (changed === undefined) return 'failed';
    print = changed;
    target = await argument(command, 'file-or-pipe');
  }
  if (name === 'gx') print = { ...print, expanded: 'on' };
  if (target && isForbidden(command, 'writing to files and commands is')) return 'failed';
  return { send: (query) => sendQuery(session, query, { target: target || undefined, print }) };
}

/** Print settings for this query only: `(name=value name …)`, read from behind the parenthesis. Undefined after a fault. */
async function readPrintOptions(command: Command, first: string): Promise<PrintSettings | undefined> {
  const { session, name } = command;
  let { print } = session;
  let isSound = true;
  for (let word: string | undefined = first; ; word = await argument(command)) {
    if (word === undefined) {
      session.report('error', `\\${name}: missing right parenthesis`);
      return undefined;
    }
    const [, option, value] = /^([^=]*?)(?:=(.*?))?\)?$/s.exec(word)!;
    const result = word === '' || word === ')' ? undefined : setPrintOption(print, option!, value);
    if (result !== undefined && 'failure' in result) {
      session.report('error', result.failure);
      isSound = false;
    } else if (result !== undefined) print = result.settings;
    if (word.endsWith(')')) return isSound ? print : undefined;
  }
}

async function setFromRow(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const prefix = (await argument(command)) ?? '';
  return {
    send: (query) => sendQuery(session, query, { takeRows: async (result) => storeRow(session, result, prefix) }),
  };
}

function executeCells({ session }: Command): CommandOutcome {
  return { send: (query) => sendQuery(session, query, { takeRows: (result) => runCells(session, result) }) };
}

function reset({ session, file }: Command): CommandOutcome {
  file.lexer.clear();
  if (!session.settings.quiet) session.stdout.write('Query buffer reset (cleared).\n');
  return 'done';
}

function print({ session, file }: Command): CommandOutcome {
  const { pending, previous } = file.lexer;
  const text = pending.text === '' ? (previous?.text ?? '') : pending.text;
  if (text !== '') session.stdout.write(`${text}\n`);
  else if (!session.settings.quiet) session.stdout.write('Query buffer is empty.\n');
  return 'done';
}
