import { runCommand } from '../shell.js';
import { argument, type Command, type CommandOutcome, type CommandTable, isForbidden } from './command.js';

/** `\!`. */
export const systemCommands: CommandTable = {
  '!': { run: runShell, skip: 'whole-line' },
};

/** Whatever the command's own status is, it is no failure of the script. */
async function runShell(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const line = await argument(command, 'whole-line');
  if (isForbidden(command, 'shell commands are')) return 'failed';
  await session.flush();
  await runCommand(line ?? `exec ${session.system.env.SHELL ?? '/bin/sh'}`, session.system);
  return 'done';
}
