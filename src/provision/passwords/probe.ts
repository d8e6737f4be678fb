import { connect } from '../../postgres/connect.js';
import { ConnectionError } from '../../postgres/errors.js';
import type { PasswordState } from '../plan/passwords.js';
import { asService, type Server } from '../server.js';

/** What a try at logging in has shown. */
export interface Login {
  /** Whether the server wanted a password: under `trust`, `peer` and the like it lets everybody in, and that proves nothing. */
  readonly wasAsked: boolean;
  readonly wasAccepted: boolean;
  /** Why the session did not start; after `wasAccepted` it was not for the password. */
  readonly refusal: unknown;
}

/** Tries a user's password at a database, and hangs up. Only the server's own questions and answers count, not the outcome. */
export async function tryLogin(server: Server, user: string, password: string, database: string): Promise<Login> {
  let wasAsked = false;
  let wasAccepted = false;
  const asked = () => {
    wasAsked = true;
  };
  const config = asService(server, user, password, database);
  const attempt = connect(config, {
    signal: server.signal,
    applicationName: 'slipway provision (password check)',
    onAttempt: (connection) => {
      for (const question of questions) connection.on(question, asked);
      connection.on('authenticationOk', () => {
        wasAccepted = true;
      });
    },
  });
  try {
    await (await attempt).client.end();
    return { wasAsked, wasAccepted, refusal: undefined };
  } catch (refusal) {
    server.signal?.throwIfAborted();
    return { wasAsked, wasAccepted, refusal };
  }
}

/** How `pg` calls the server's requests for a password, in each of the ways there are. */
const questions = ['authenticationSASL', 'authenticationMD5Password', 'authenticationCleartextPassword'];

/** Compares a password with a verifier that may not be read, by logging in with it. */
export async function probePassword(
  server: Server,
  user: string,
  password: string,
  database: string,
): Promise<PasswordState> {
  const { wasAsked, wasAccepted, refusal } = await tryLogin(server, user, password, database);
  if (wasAsked && wasAccepted) return 'same';
  const isWrong = refusal instanceof ConnectionError && refusal.sqlstate === '28P01';
  return wasAsked && isWrong ? 'different' : 'unproven';
}
