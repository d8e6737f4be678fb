import { argument, type Command, type CommandOutcome, type CommandTable, failed } from './command.js';

/** `\restrict KEY` and `\unrestrict KEY`, with which pg_dump brackets its output. */
export const restrictCommands: CommandTable = {
  restrict: { run: restrict },
  unrestrict: { run: unrestrict },
};

async function restrict(command: Command): Promise<CommandOutcome> {
  const key = await argument(command, 'normal', { stripSemicolons: true });
  if (!key) return failed(command, 'missing required argument');
  command.session.restrictKey = key;
  return 'done';
}

/** Backticks in its argument are not run (CVE-2026-18408). */
async function unrestrict(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const key = await argument(command, 'normal', { stripSemicolons: true, inert: true });
  if (!key) return failed(command, 'missing required argument');
  if (session.restrictKey === undefined) return failed(command, 'not currently in restricted mode');
  if (key !== session.restrictKey) return failed(command, 'wrong key');
  session.restrictKey = undefined;
  return 'done';
}
