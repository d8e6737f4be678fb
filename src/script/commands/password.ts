import { scramVerifier } from '../../postgres/scram.js';
import { quoteIdentifier, quoteLiteral } from '../../sql/quote.js';
import { ask, execute } from '../connection.js';
import type { ScriptSession } from '../session.js';
import { argument, type Command, type CommandOutcome, type CommandTable, outcomeOf } from './command.js';

/** `\password [USER]`: the server gets a SCRAM verifier made here, never the password. */
export const passwordCommands: CommandTable = {
  password: { run: changePassword },
};

async function changePassword(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const user = (await argument(command, 'sql-id', { stripSemicolons: true })) ?? (await currentUser(session));
  if (user === undefined) return 'failed';
  const first = await readLine(session, `Enter new password for user "${user}": `);
  const second = await readLine(session, 'Enter it again: ');
  if (first !== second) {
    session.report('error', "Passwords didn't match.");
    return 'failed';
  }
  const verifier = quoteLiteral(scramVerifier(first));
  return outcomeOf(await execute(session, `ALTER USER ${quoteIdentifier(user)} PASSWORD ${verifier}`));
}

async function currentUser(session: ScriptSession): Promise<string | undefined> {
  const result = await ask(session, 'SELECT CURRENT_USER');
  return (result?.kind === 'rows' ? result.rows[0]?.[0] : undefined) ?? undefined;
}

/** A line of standard input; nothing when there is none, as a prompt that nobody answers. */
async function readLine(session: ScriptSession, prompt: string): Promise<string> {
  session.stderr.write(prompt);
  session.stderr.flush();
  return (await session.standardInput.nextLine(session.codec)) ?? '';
}
