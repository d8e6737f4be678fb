import type { OutputBuffer } from '../output.js';
import type { Command, CommandOutcome, CommandTable } from './command.js';

/** `\echo` to standard output, `\qecho` to the query output, `\warn` to standard error. */
export const echoCommands: CommandTable = {
  echo: { run: (command) => echo(command, command.session.stdout) },
  qecho: { run: (command) => echo(command, command.session.queryOutput.buffer) },
  warn: { run: (command) => echo(command, command.session.stderr) },
};

/** A first bare `-n` keeps the newline away. */
async function echo({ session, scanner }: Command, output: OutputBuffer): Promise<CommandOutcome> {
  if (output === session.stderr) session.stdout.flush();
  let word = await scanner.argument();
  const withoutNewline = word?.text === '-n' && word.quote === '';
  if (withoutNewline) word = await scanner.argument();
  for (let separator = ''; word !== undefined; separator = ' ') {
    output.write(`${separator}${word.text}`);
    word = await scanner.argument();
  }
  if (!withoutNewline) output.write('\n');
  if (output === session.stderr) output.flush();
  return 'done';
}
