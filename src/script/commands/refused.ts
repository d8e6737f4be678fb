import { type CommandHandler, type CommandTable, failed } from './command.js';

/** Commands of psql that need somebody at a terminal, or its own manual: a clear answer instead of "invalid command". */
export const refusedCommands: CommandTable = {
  ...refuse('it opens an editor', ['e', 'edit', 'ef', 'ev'], 'whole-line'),
  ...refuse('it shows the history of a terminal', ['s']),
  ...refuse("it shows psql's manual: see the documentation of PostgreSQL", ['h', 'help', '?'], 'whole-line'),
  ...refuse('statements of a script are sent in a pipeline already where that is safe', [
    'startpipeline',
    'endpipeline',
    'syncpipeline',
    'sendpipeline',
    'flush',
    'flushrequest',
    'getresults',
  ]),
};

function refuse(reason: string, names: readonly string[], skip: 'normal' | 'whole-line' = 'normal'): CommandTable {
  const run: CommandHandler = (command) => failed(command, `not supported, because ${reason}`);
  return Object.fromEntries(names.map((name) => [name, { run, skip }]));
}
