import { quoteIdentifier } from '../../sql/quote.js';
import type { ObservedRole } from '../observe/observed.js';
import type { Secret, SecretOutcome } from '../secrets/secret.js';
import { type Decision, faultsOf, type Step, shown } from './item.js';
import type { Login } from './users.js';

/**
 * How the password that the server keeps compares with the secret. `unproven`: the verifier may not be read and the server asked for no
 * password when we tried it, or refused us for another reason.
 */
export type PasswordState = 'same' | 'different' | 'none' | 'unproven';

/** What is known of one user's password before anything is decided. */
export interface PasswordFinding {
  readonly outcome: SecretOutcome;
  /** undefined for a user that does not exist, or whose password is none of our business. */
  readonly state: PasswordState | undefined;
  /** Why nobody could log in with this secret, whatever the server does. */
  readonly unusable: string | undefined;
}

/** By user. */
export type PasswordFindings = ReadonlyMap<string, PasswordFinding>;

/** What is to be done about a password. For a new user the item only carries the note. */
export function planPassword(
  { user, services }: Login,
  role: ObservedRole | undefined,
  finding: PasswordFinding | undefined,
): Decision {
  const object = `password of ${shown(user.name)}`;
  if (role !== undefined && user.passwordPolicy === 'createOnly') {
    return decided({ object, services, steps: [], note: 'only set when the user is made' });
  }
  const fault = faultOf(finding);
  if (fault !== undefined) return { items: [], faults: faultsOf(services, { object, ...fault }) };
  const { outcome, state } = finding as PasswordFinding;
  if (outcome.state !== 'read') {
    const step = setStep(user.name, 'there is no secret yet, one will be generated');
    return decided({ object, services, steps: [step], note: 'it will be generated' });
  }
  const reason = reasonToSet(outcome.secret, role, state);
  const steps = reason === undefined ? [] : [setStep(user.name, reason)];
  const doubt = state === 'unproven' && reason === undefined ? ', which could not be checked' : '';
  return decided({ object, services, steps, note: `from ${originOf(outcome.secret)}${doubt}` });
}

function decided(item: Decision['items'][number]): Decision {
  return { items: [item], faults: [] };
}

function faultOf(finding: PasswordFinding | undefined): { reason: string; hint?: string | undefined } | undefined {
  if (finding === undefined) return { reason: 'no password was looked up' };
  const { outcome, unusable } = finding;
  if (outcome.state === 'failed') return { reason: outcome.error.message, hint: outcome.error.hint };
  if (unusable === undefined) return undefined;
  return { reason: `the password cannot be used: ${unusable}`, hint: 'Store another one in its place.' };
}

/** Why the password has to be set; undefined when the server has it. */
function reasonToSet(
  secret: Secret,
  role: ObservedRole | undefined,
  state: PasswordState | undefined,
): string | undefined {
  if (state === 'same') return undefined;
  if (state === 'none') return 'it has none';
  if (state === 'different') return `it is not the one in ${originOf(secret)}`;
  if (role?.record === undefined) return 'it cannot be checked here, and was never set by slipway';
  const { origin, version } = role.record;
  if (version !== null && origin === secret.origin && version === secret.version) return undefined;
  return `it cannot be checked here, and ${originOf(secret)} was not the last one that was set`;
}

function originOf({ origin, version }: Secret): string {
  return version === undefined ? origin : `${origin} version ${version}`;
}

function setStep(user: string, reason: string): Step {
  return {
    action: 'change',
    summary: `set the password of ${shown(user)}: ${reason}`,
    sql: `ALTER ROLE ${quoteIdentifier(user)}`,
    passwordOf: user,
  };
}
