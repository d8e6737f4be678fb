import { listPrintOptions, type PsetResult, setPrintOption, toggleAligned } from '../../psql/print/pset.js';
import { booleanExpected, parseBoolean } from '../../psql/variables/parse.js';
import {
  argument,
  type Command,
  type CommandHandler,
  type CommandOutcome,
  type CommandTable,
  outcomeOf,
} from './command.js';

/** `\pset` and its short forms, `\timing`. */
export const settingCommands: CommandTable = {
  pset: { run: pset },
  a: { run: (command) => applied(command, toggleAligned(command.session.print)) },
  C: { run: shortFor('title') },
  f: { run: shortFor('fieldsep', false) },
  H: { run: (command) => applied(command, setPrintOption(command.session.print, 'format', 'html')) },
  html: { run: (command) => applied(command, setPrintOption(command.session.print, 'format', 'html')) },
  t: { run: shortFor('tuples_only') },
  T: { run: shortFor('tableattr', false) },
  x: { run: shortFor('expanded') },
  timing: { run: timing },
};

async function pset(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const name = await argument(command);
  const value = await argument(command);
  if (name !== undefined) return applied(command, setPrintOption(session.print, name, value));
  session.stdout.write(listPrintOptions(session.print));
  return 'done';
}

function shortFor(name: string, stripSemicolons = true): CommandHandler {
  return async (command) => {
    const value = await argument(command, 'normal', { stripSemicolons });
    return applied(command, setPrintOption(command.session.print, name, value));
  };
}

function applied({ session }: Command, result: PsetResult): CommandOutcome {
  if ('failure' in result) {
    session.report('error', result.failure);
    return 'failed';
  }
  session.print = result.settings;
  if (!session.settings.quiet) session.stdout.write(result.confirmation);
  return 'done';
}

async function timing(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const text = await argument(command);
  const { settings } = session;
  const value = text === undefined ? !settings.timing : parseBoolean(text);
  if (value === undefined) session.report('error', booleanExpected(text ?? '', '\\timing'));
  else settings.timing = value;
  if (!settings.quiet) session.stdout.write(`Timing is ${settings.timing ? 'on' : 'off'}.\n`);
  return outcomeOf(value !== undefined);
}
