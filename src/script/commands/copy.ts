import { open } from 'node:fs/promises';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { type CopyCommand, CopySyntaxError, parseCopyCommand } from '../copy-command.js';
import { sendQuery } from '../send.js';
import { type ExitStatus, readCommand } from '../shell.js';
import { fileBytes, ScriptSource, streamBytes } from '../source.js';
import type { SendOptions } from '../statement.js';
import { systemMessage } from '../system-error.js';
import { expandTilde, openFile, openPipe } from '../target.js';
import {
  argument,
  type Command,
  type CommandOutcome,
  type CommandTable,
  failed,
  isForbidden,
  outcomeOf,
} from './command.js';

/** `\copy`: COPY with its file on our side. */
export const copyCommands: CommandTable = {
  copy: { run: copy, skip: 'whole-line' },
};

async function copy(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const text = await argument(command, 'whole-line');
  if (text === undefined) return failed(command, 'arguments required');
  try {
    return outcomeOf(await runCopy(command, parseCopyCommand(text, session.standardStrings)));
  } catch (error) {
    if (error instanceof CopySyntaxError) return failed(command, error.message);
    throw error;
  }
}

function runCopy(command: Command, parsed: CopyCommand): Promise<boolean> | boolean {
  const { session } = command;
  const { place, direction } = parsed;
  switch (place.kind) {
    case 'script':
      return send(command, parsed, { copyTo: session.queryOutput });
    case 'process':
      return send(command, parsed, { copyFrom: session.standardInput, copyTo: session.standardOutput });
    default:
      if (isForbidden(command, `\\copy with a ${place.kind} is`)) return false;
      return (direction === 'from' ? copyFrom : copyTo)[place.kind](command, parsed, place.name);
  }
}

/** The command goes to the server like a statement of the script. */
function send(
  { session }: Command,
  { subject, direction, place, options }: CopyCommand,
  how: SendOptions,
): Promise<boolean> {
  const text = `COPY ${subject}${direction === 'from' ? ' FROM STDIN ' : ' TO STDOUT '}${options}`;
  const copies = direction === 'from' && place.kind === 'script' ? 1 : 0;
  return sendQuery(session, { text, copies, origin: () => undefined }, how);
}

type Copier = (command: Command, parsed: CopyCommand, name: string) => Promise<boolean>;

const copyFrom: Readonly<Record<'file' | 'program', Copier>> = {
  async file(command, parsed, name) {
    const { session } = command;
    const path = resolve(session.system.cwd, expandTilde(name, session.system.env));
    const file = await unlessSystemError(command, name, () => open(path));
    if (file === undefined) return false;
    try {
      if ((await file.stat()).isDirectory()) return refuseDirectory(command, name);
      return await send(command, parsed, { copyFrom: new ScriptSource(fileBytes(file)) });
    } finally {
      await file.close();
    }
  },
  async program(command, parsed, line) {
    const { session } = command;
    await session.flush();
    const child = readCommand(line, session.system);
    const isSound = await send(command, parsed, { copyFrom: new ScriptSource(streamBytes(child.stdout)) });
    child.stdout.destroy();
    return endedWell(command, line, await child.status()) && isSound;
  },
};

const copyTo: Readonly<Record<'file' | 'program', Copier>> = {
  async file(command, parsed, name) {
    const { session } = command;
    const target = await unlessSystemError(command, name, async () =>
      openFile(name, session.system, () => session.codec),
    );
    if (target === undefined) return false;
    const isSound = await send(command, parsed, { copyTo: target });
    const closed = await unlessSystemError(command, name, async () => (await target.close()) ?? 'closed');
    return closed !== undefined && isSound;
  },
  async program(command, parsed, line) {
    const { session } = command;
    await session.flush();
    const target = openPipe(line, session.system, () => session.codec);
    const isSound = await send(command, parsed, { copyTo: target });
    const status = await target.close();
    return (status === undefined || endedWell(command, line, status)) && isSound;
  },
};

async function unlessSystemError<T>({ session }: Command, name: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    session.report('error', `${name}: ${systemMessage(error)}`);
    return undefined;
  }
}

function refuseDirectory({ session }: Command, name: string): false {
  session.report('error', `${name}: cannot copy from/to a directory`);
  return false;
}

/** A command that fails makes the whole a failure, although its rows are in the table by then. */
function endedWell({ session }: Command, line: string, { code, signal }: ExitStatus): boolean {
  if (code === 0) return true;
  const how =
    signal === null
      ? `child process exited with exit code ${code}`
      : `child process was terminated by signal ${constants.signals[signal]}`;
  session.report('error', `${line}: ${exitWords[code ?? 0] ?? how}`);
  return false;
}

/** What a shell's own statuses mean (wait_error.c). */
const exitWords: Readonly<Record<number, string>> = { 126: 'command not executable', 127: 'command not found' };
