import type pg from 'pg';
import { ExitCode, UserError } from '../errors.js';
import { quoteIdentifier } from '../sql/quote.js';
import { type Failure, failureOf } from './apply/failures.js';
import { runStep } from './apply/step.js';
import { type LockOptions, withProvisionLock } from './lock.js';
import { observeOutside } from './observe/observe.js';
import type { ObservedDatabase, ObservedRole } from './observe/observed.js';
import { type Step, shown } from './plan/item.js';
import { asAdministrator, type Server } from './server.js';
import type { ProvisionSpec } from './spec/types.js';

/** What pruning does with one name. */
export interface PruneResult {
  readonly step: Step;
  readonly failure?: Failure | undefined;
}

/** The steps that remove what these names stand for; writes nothing. @throws UserError, see `pruneSteps` */
export function planPrune(server: Server, spec: ProvisionSpec, names: readonly string[]): Promise<readonly Step[]> {
  return asAdministrator(server, (client) => lookFor(client, spec, names));
}

/** Removes databases and users by name, one after the other; what cannot be removed is in the result. */
export function pruneProvision(
  server: Server,
  spec: ProvisionSpec,
  names: readonly string[],
  lock: LockOptions = {},
): Promise<readonly PruneResult[]> {
  return asAdministrator(server, (client) =>
    withProvisionLock(client, { ...lock, signal: server.signal }, async () => {
      const results: PruneResult[] = [];
      for (const step of await lookFor(client, spec, names)) {
        const failure = await runStep(client, step).then(() => undefined, failureOf);
        results.push({ step, failure });
      }
      return results;
    }),
  );
}

async function lookFor(client: pg.Client, spec: ProvisionSpec, names: readonly string[]): Promise<readonly Step[]> {
  const { server, roles, databases } = await observeOutside(client, spec, names);
  return pruneSteps(spec, names, { user: server.user, maintenance: client.database, roles, databases });
}

interface Present {
  readonly user: string;
  readonly maintenance: string | undefined;
  readonly roles: ReadonlyMap<string, ObservedRole>;
  readonly databases: ReadonlyMap<string, ObservedDatabase>;
}

/**
 * Decides what is dropped: of each name the database, then the user. Nothing that the file mentions, and nothing that the server needs.
 * @throws UserError for a name that must not, or cannot, be pruned; nothing is pruned then
 */
export function pruneSteps(spec: ProvisionSpec, names: readonly string[], present: Present): readonly Step[] {
  const faults = names.flatMap((name) => faultWith(name, spec, present) ?? []);
  if (faults.length > 0) {
    throw new UserError(faults.join('\n'), { hint: 'Nothing was pruned.', exitCode: ExitCode.notFound });
  }
  const steps = names.flatMap((name) => [
    { name, kind: 'database', found: present.databases.has(name) } as const,
    { name, kind: 'role', found: present.roles.has(name) } as const,
  ]);
  const inOrder = [...steps.filter(({ kind }) => kind === 'database'), ...steps.filter(({ kind }) => kind === 'role')];
  return inOrder
    .filter(({ found }) => found)
    .map(({ name, kind }) => ({
      action: 'drop',
      summary: `drop ${kind === 'role' ? 'user' : kind} ${shown(name)}`,
      sql: `DROP ${kind.toUpperCase()} ${quoteIdentifier(name)}`,
    }));
}

function faultWith(
  name: string,
  { services }: ProvisionSpec,
  { user, maintenance, roles, databases }: Present,
): string | undefined {
  const word = shown(name);
  const wanted = services.find((service) => service.database.name === name || service.user.name === name);
  if (wanted !== undefined) return `${word} is still asked for, by service ${shown(wanted.name)}`;
  if (name === maintenance || databases.get(name)?.isTemplate === true) return `${word} is needed by the server itself`;
  if (name === user || roles.get(name)?.isSuperuser === true) return `${word} is an administrator`;
  if (name.startsWith('pg_')) return `${word} belongs to the server`;
  if (!roles.has(name) && !databases.has(name)) return `there is neither a database nor a user ${word}`;
  return undefined;
}
