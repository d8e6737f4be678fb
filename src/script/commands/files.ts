import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { includeFile } from '../include.js';
import { systemMessage } from '../system-error.js';
import { openTarget } from '../target.js';
import {
  argument,
  type Command,
  type CommandOutcome,
  type CommandTable,
  failed,
  isForbidden,
  outcomeOf,
} from './command.js';

/** `\i`, `\ir`, `\o`, `\w`, `\cd`, `\q`. */
export const fileCommands: CommandTable = {
  i: { run: include },
  include: { run: include },
  ir: { run: include },
  include_relative: { run: include },
  o: { run: redirectOutput, skip: 'file-or-pipe' },
  out: { run: redirectOutput, skip: 'file-or-pipe' },
  w: { run: writeQuery, skip: 'file-or-pipe' },
  write: { run: writeQuery, skip: 'file-or-pipe' },
  cd: { run: changeDirectory },
  q: { run: () => 'quit' },
  quit: { run: () => 'quit' },
};

async function include(command: Command): Promise<CommandOutcome> {
  const name = await argument(command, 'normal', { stripSemicolons: true });
  if (name === undefined) return failed(command, 'missing required argument');
  const isRelative = command.name === 'ir' || command.name === 'include_relative';
  return outcomeOf((await includeFile(command.session, name, isRelative)) === 0);
}

async function redirectOutput(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const target = await argument(command, 'file-or-pipe', { stripSemicolons: true });
  if (target !== undefined && isForbidden(command, 'writing to files and commands is')) return 'failed';
  session.stdout.flush();
  let opened = session.standardOutput;
  try {
    if (target) opened = openTarget(target, session.system, () => session.codec);
  } catch (error) {
    session.report('error', `${target}: ${systemMessage(error)}`);
    return 'failed';
  }
  await session.queryOutput.close();
  session.queryOutput = opened;
  return 'done';
}

async function writeQuery(command: Command): Promise<CommandOutcome> {
  const { session, file } = command;
  const target = await argument(command, 'file-or-pipe', { stripSemicolons: true });
  if (target === undefined) return failed(command, 'missing required argument');
  if (isForbidden(command, 'writing to files and commands is')) return 'failed';
  const { text } = file.lexer.pending;
  try {
    const opened = openTarget(target, session.system, () => session.codec);
    opened.buffer.write(`${text === '' ? (file.lexer.previous?.text ?? '') : text}\n`);
    await opened.close();
    return 'done';
  } catch (error) {
    session.report('error', `${target}: ${systemMessage(error)}`);
    return 'failed';
  }
}

/** Unlike the other commands, psql's `\cd` knows no `~`. */
async function changeDirectory(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const { cwd, env } = session.system;
  const given = await argument(command, 'normal', { stripSemicolons: true });
  if (isForbidden(command, 'changing the directory is')) return 'failed';
  const directory = resolve(cwd, given ?? env.HOME ?? homedir());
  try {
    if (!(await stat(directory)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
  } catch (error) {
    return failed(command, `could not change directory to "${given ?? directory}": ${systemMessage(error)}`);
  }
  session.system = { ...session.system, cwd: directory };
  return 'done';
}
