import { argument, type Command, type CommandOutcome, type CommandTable, failed, isForbidden } from './command.js';

/** `\set`, `\unset`, `\getenv`, `\setenv`, `\prompt`. */
export const variableCommands: CommandTable = {
  set: { run: set },
  unset: { run: unset },
  getenv: { run: getEnvironment },
  setenv: { run: setEnvironment },
  prompt: { run: prompt },
};

async function set(command: Command): Promise<CommandOutcome> {
  const { session, scanner } = command;
  const name = await argument(command);
  if (name === undefined) {
    session.stdout.write(session.variables.list());
    return 'done';
  }
  const value = (await scanner.rest()).join('');
  return assign(command, name, value);
}

function assign({ session }: Command, name: string, value: string | undefined): CommandOutcome {
  const fault = session.variables.set(name, value);
  if (fault === undefined) return 'done';
  session.report('error', fault);
  return 'failed';
}

async function unset(command: Command): Promise<CommandOutcome> {
  const name = await argument(command);
  if (name === undefined) return failed(command, 'missing required argument');
  return assign(command, name, undefined);
}

async function getEnvironment(command: Command): Promise<CommandOutcome> {
  const name = await argument(command);
  const variable = await argument(command);
  if (name === undefined || variable === undefined) return failed(command, 'missing required argument');
  const value = command.session.system.env[variable];
  return value === undefined ? 'done' : assign(command, name, value);
}

async function setEnvironment(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const name = await argument(command);
  const value = await argument(command);
  if (name === undefined) return failed(command, 'missing required argument');
  if (name.includes('=')) return failed(command, 'environment variable name must not contain "="');
  if (isForbidden(command, 'changing the environment is')) return 'failed';
  const { [name]: _, ...env } = session.system.env;
  session.system = { ...session.system, env: value === undefined ? env : { ...env, [name]: value } };
  return 'done';
}

/** In a script the text goes to standard output and the answer is a line of standard input. */
async function prompt(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const first = await argument(command);
  const second = await argument(command);
  if (first === undefined) return failed(command, 'missing required argument');
  if (second !== undefined) session.stdout.write(first);
  session.stdout.flush();
  const line = await session.standardInput.nextLine(session.codec);
  if (line === undefined) return failed(command, 'could not read value for variable');
  return assign(command, second ?? first, line);
}
