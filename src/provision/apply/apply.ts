import type pg from 'pg';
import { UserError } from '../../errors.js';
import { ConnectionError } from '../../postgres/errors.js';
import { scramVerifier } from '../../postgres/scram.js';
import { type LockHolder, withProvisionLock } from '../lock.js';
import { type Assignment, type Look, look } from '../look.js';
import { observeOutside } from '../observe/observe.js';
import type { ObservedContents } from '../observe/observed.js';
import type { Item, Step } from '../plan/item.js';
import { itemsOf, type Plan, plan, stepsOf } from '../plan/plan.js';
import { asAdministrator } from '../server.js';
import { residences } from '../wishes.js';
import { applyDatabase } from './database.js';
import { type Failure, failureOf } from './failures.js';
import { confirmPasswords, remember } from './findings.js';
import { converge, onClient, type Work } from './items.js';
import { Ledger, type ServiceResult } from './ledger.js';

export interface ApplyOptions {
  /** Told once, when another provisioning holds the lock. */
  readonly onWait?: ((holder: LockHolder) => void) | undefined;
  /** How long to wait for the lock, in milliseconds; without end when undefined. */
  readonly lockTimeoutMs?: number | undefined;
  /** Told of every step that has succeeded. */
  readonly onStep?: ((step: Step) => void) | undefined;
}

export interface ApplyResult {
  /** As it was made under the lock, before anything was done. */
  readonly plan: Plan;
  readonly services: readonly ServiceResult[];
  /** Why what was found out could not be written down for the next time; what was done is done all the same. */
  readonly recordFailure: Failure | undefined;
}

/**
 * Makes a server as wished: users first, then databases, several at a time, and looks again whether it is so. What fails is in the
 * result, with its service; the other services go on. Rejects with a ConnectionError when there is no way in, with a UserError when
 * the server can only be read, and with the signal's reason.
 */
export async function applyProvision(assignment: Assignment, options: ApplyOptions = {}): Promise<ApplyResult> {
  const { server } = assignment;
  const { onWait, lockTimeoutMs: timeoutMs } = options;
  return asAdministrator(server, (client) =>
    withProvisionLock(client, { onWait, timeoutMs, signal: server.signal }, () => apply(client, assignment, options)),
  );
}

async function apply(client: pg.Client, assignment: Assignment, { onStep }: ApplyOptions): Promise<ApplyResult> {
  const before = await look(client, assignment);
  if (before.observed.server.isStandby) throw standby();
  const verifiers = makeVerifiers(before);
  const ledger = new Ledger(before.plan.services, before.plan.faults);
  const verifierOf = (user: string) => verifiers.get(user);
  const work: Work = { ledger, verifierOf, onStep, signal: assignment.server.signal };
  const contents =
    stepsOf(before.plan).length === 0 ? unchanged(before, work) : await act(client, assignment, before, work);
  const recordFailure = await remember(client, assignment, before, { contents, verifiers, ledger }).catch(failureOf);
  return { plan: before.plan, services: ledger.results(), recordFailure };
}

function standby(): UserError {
  return new UserError('the server is a standby, where nothing can be written (25006)', {
    hint: 'Name the primary, or all hosts with target_session_attrs=primary.',
  });
}

/** A plan that only looks still says of everything that it is as it should be. */
function unchanged(
  { plan: { users, databases }, observed }: Look,
  { ledger }: Work,
): ReadonlyMap<string, ObservedContents> {
  for (const item of itemsOf({ users, databases })) ledger.enter(item);
  return visited(observed.contents);
}

function visited(contents: Look['observed']['contents']): Map<string, ObservedContents> {
  return new Map([...contents].filter((entry): entry is [string, ObservedContents] => entry[1] !== 'unchanged'));
}

/** The verifiers that stand for passwords in the plan's statements, by user. */
function makeVerifiers({ plan: { users }, findings }: Look): ReadonlyMap<string, string> {
  const verifiers = new Map<string, string>();
  for (const { passwordOf } of users.flatMap(({ steps }) => steps)) {
    const outcome = passwordOf === undefined ? undefined : findings.get(passwordOf)?.outcome;
    if (passwordOf === undefined || outcome?.state !== 'read') continue;
    verifiers.set(passwordOf, scramVerifier(outcome.secret.reveal()));
  }
  return verifiers;
}

/** Does what is planned. Answers what was found in each database at last. */
async function act(
  client: pg.Client,
  assignment: Assignment,
  before: Look,
  work: Work,
): Promise<ReadonlyMap<string, ObservedContents>> {
  const { spec } = assignment;
  const run = onClient(client, work);
  await converge(before.plan.users, work, run, async () => []);
  const contents = await applyDatabases(client, assignment, before, work);
  const confirm = async (): Promise<readonly Item[]> => {
    const outside = await observeOutside(client, spec);
    const findings = confirmPasswords(before.findings, outside.roles, work.verifierOf);
    const now = plan(spec, { ...before.observed, ...outside, contents: allUnchanged(assignment) }, findings);
    return [...now.users, ...now.databases.flatMap((database) => database.outside)];
  };
  await converge(await confirm(), work, run, confirm);
  return contents;
}

/** What is inside has been seen to by those who were there. */
function allUnchanged({ spec }: Assignment): ReadonlyMap<string, 'unchanged'> {
  return new Map(residences(spec).map(({ database }) => [database.name, 'unchanged']));
}

/** The main connection works as well, so that all gets done even where the server has no room for further ones. */
async function applyDatabases(
  client: pg.Client,
  { server, spec, parallel = 4 }: Assignment,
  { plan: { databases }, observed }: Look,
  work: Work,
): Promise<ReadonlyMap<string, ObservedContents>> {
  const contents = visited(observed.contents);
  const roleNames = new Set([...observed.roles.keys(), ...spec.services.map(({ user }) => user.name)]);
  const common = { server, facts: observed.server, roleNames, files: observed.files };
  const residenceOf = new Map(residences(spec).map((residence) => [residence.database.name, residence]));
  const rest = databases.values();
  const workOn = async (connection: pg.Client) => {
    for (const database of rest) {
      const residence = residenceOf.get(database.name);
      const found = residence && (await applyDatabase(connection, database, { ...common, residence }, work));
      if (found !== undefined) contents.set(database.name, found);
    }
  };
  const due = databases.filter(({ outside, inside }) => [...outside, ...inside].some(({ steps }) => steps.length > 0));
  const helpers = Array.from({ length: Math.min(parallel, due.length) - 1 }, () => asAdministrator(server, workOn));
  const ended = await Promise.allSettled([workOn(client), ...helpers.map((helper) => helper.catch(ignoreNoRoom))]);
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return contents;
}

/** A helper that finds no way in is not missed. */
function ignoreNoRoom(error: unknown): void {
  if (!(error instanceof ConnectionError)) throw error;
}
