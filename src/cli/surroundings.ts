import { codeOf, ExitCode, messageOf, UserError } from '../errors.js';

/** What `pg`, and our own protocol (ConnectionLost), say when the server has gone away; none of these has a code. */
const lostConnection =
  /^server closed the connection|^Connection terminated|^Client has encountered a connection error/;

/**
 * What the system or a server refused although no command expected it, as an error for the user; undefined for anything else,
 * which is a bug of ours.
 */
export function surroundingsError(thrown: unknown): UserError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if ('syscall' in thrown) {
    return new UserError(`the system refuses what is needed: ${messageOf(thrown)}`, {
      exitCode: ExitCode.bug,
      cause: thrown,
    });
  }
  if ('severity' in thrown) {
    const hint = 'hint' in thrown && typeof thrown.hint === 'string' ? thrown.hint : undefined;
    return new UserError(`the server refuses: ${thrown.message} (SQLSTATE ${codeOf(thrown)})`, { hint, cause: thrown });
  }
  if (!lostConnection.test(thrown.message)) return undefined;
  return new UserError('the connection to the server was lost', {
    cause: thrown,
    hint: 'its log says why: database log',
  });
}
