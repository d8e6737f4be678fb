import type { ScriptFile } from '../file.js';
import type { ScriptSession } from '../session.js';
import type { Command, CommandOutcome, CommandRule, CommandTable } from './command.js';

/** Runs the backslash command that the file's lexer has come to (command.c, HandleSlashCmds). */
export async function runBackslashCommand(session: ScriptSession, file: ScriptFile): Promise<CommandOutcome> {
  const scanner = file.lexer.command;
  const name = scanner.name();
  const outcome = await dispatch({ session, file, name, scanner });
  await scanner.end(name, outcome !== 'failed');
  return outcome;
}

async function dispatch(command: Command): Promise<CommandOutcome> {
  const { session, file, name, scanner } = command;
  if (session.restrictKey !== undefined && name !== 'unrestrict') {
    session.report('error', 'backslash commands are restricted; only \\unrestrict is allowed');
    return 'failed';
  }
  const rule = await findRule(name);
  if (rule === undefined) {
    session.report('error', `invalid command \\${name}`);
    return 'failed';
  }
  if (rule.always || file.conditions.active) return rule.run(command);
  await scanner.rest(rule.skip ?? 'normal', { inert: true });
  return 'done';
}

let common: CommandTable | undefined;

/** The commands are loaded by the first script that has one: most of what is run has none. */
async function findRule(name: string): Promise<CommandRule | undefined> {
  common ??= (await import('./table.js')).commands;
  if (Object.hasOwn(common, name)) return common[name];
  const { rareCommands } = await import('./rare-table.js');
  if (Object.hasOwn(rareCommands, name)) return rareCommands[name];
  const { describeRule } = await import('./describe.js');
  return describeRule(name);
}
