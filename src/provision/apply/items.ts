import type pg from 'pg';
import type { Item, Step } from '../plan/item.js';
import { failureOf } from './failures.js';
import type { Ledger } from './ledger.js';
import { runStep } from './step.js';

/** What all parts of an application share. */
export interface Work {
  readonly ledger: Ledger;
  /** The verifier to send in place of a user's password. */
  readonly verifierOf: (user: string) => string | undefined;
  readonly onStep?: ((step: Step) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What `converge` was about to do for the second time. */
const withoutEffect = {
  reason: 'it was done, and the server accepted it, but it is still not as wished',
  hint: 'Something undoes it (another tool, an event trigger), or the administrator may not do it here.',
};

/**
 * Brings items to where they have no steps: does what is due, looks again, and so on. A step that is due again after it has succeeded
 * is a failure; a service of which something failed is not worked on any more.
 * @param lookAgain answers what is due after everything has been done
 */
export async function converge(
  first: readonly Item[],
  work: Work,
  run: (step: Step) => Promise<void>,
  lookAgain: () => Promise<readonly Item[]>,
): Promise<void> {
  const sent = new Set<string>();
  for (let items = first; ; items = await lookAgain()) {
    for (const item of items) work.ledger.enter(item);
    const due = items.filter((item) => item.steps.length > 0 && work.ledger.isWanted(item));
    if (due.length === 0) return;
    for (const item of due) await runItem(item, work, sent, run);
  }
}

async function runItem(item: Item, work: Work, sent: Set<string>, run: (step: Step) => Promise<void>): Promise<void> {
  const { ledger, onStep, signal } = work;
  for (const step of item.steps) {
    signal?.throwIfAborted();
    if (!ledger.isWanted(item)) return;
    const key = JSON.stringify(step);
    if (sent.has(key)) return ledger.fail(item, withoutEffect);
    try {
      await run(step);
    } catch (error) {
      signal?.throwIfAborted();
      return ledger.fail(item, failureOf(error));
    }
    sent.add(key);
    ledger.done(item, step);
    onStep?.(step);
  }
}

/** Runs steps as statements on a connection. */
export function onClient(client: pg.Client, { verifierOf }: Work): (step: Step) => Promise<void> {
  return (step) => runStep(client, step, step.passwordOf === undefined ? undefined : verifierOf(step.passwordOf));
}
