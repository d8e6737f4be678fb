import type { ConditionResult } from '../../psql/conditions.js';
import type { Command, CommandOutcome, CommandTable } from './command.js';

/** `\if`, `\elif`, `\else`, `\endif`: they run in skipped branches too. */
export const conditionalCommands: CommandTable = {
  if: { run: async (command) => shown(command, await command.file.conditions.if(expression(command))), always: true },
  elif: {
    run: async (command) => shown(command, await command.file.conditions.elif(expression(command))),
    always: true,
  },
  else: { run: (command) => shown(command, command.file.conditions.else()), always: true },
  endif: { run: (command) => shown(command, command.file.conditions.endif()), always: true },
};

/** All arguments together; in a skipped branch the session is inactive, so that nothing in them takes effect. */
function expression({ scanner }: Command): () => Promise<string> {
  return async () => (await scanner.rest()).join(' ');
}

function shown({ session }: Command, { failure, complaint }: ConditionResult): CommandOutcome {
  const text = failure ?? complaint;
  if (text !== undefined) session.report('error', text);
  return failure === undefined ? 'done' : 'failed';
}
