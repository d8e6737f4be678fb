import type { Fault, Item, Step } from '../plan/item.js';
import type { Failure } from './failures.js';

export type Outcome = 'created' | 'changed' | 'skipped' | 'failed';

/** What became of one object of a service. */
export interface ObjectResult {
  readonly object: string;
  readonly outcome: Outcome;
  /** What was done, in words. */
  readonly done: readonly string[];
  readonly note?: string | undefined;
  readonly reason?: string | undefined;
  readonly hint?: string | undefined;
}

/** What became of a service: the worst that happened to one of its objects. */
export interface ServiceResult {
  readonly service: string;
  readonly outcome: Outcome;
  readonly objects: readonly ObjectResult[];
}

interface Entry {
  readonly services: ReadonlySet<string>;
  readonly done: Step[];
  note: string | undefined;
  failure: Failure | undefined;
}

/** Keeps what has been done and what has failed, and so which services are not to be worked on any more. */
export class Ledger {
  readonly #services: readonly string[];
  readonly #entries = new Map<string, Entry>();
  readonly #failed = new Set<string>();

  constructor(services: readonly string[], faults: readonly Fault[]) {
    this.#services = services;
    for (const { service, object, ...failure } of faults)
      this.fail({ object, services: [service], steps: [] }, failure);
  }

  /** Takes down that an object is looked after. */
  enter(item: Item): Entry {
    const known = this.#entries.get(item.object);
    const services = new Set([...(known?.services ?? []), ...item.services]);
    const entry: Entry = {
      services,
      done: known?.done ?? [],
      note: item.note ?? known?.note,
      failure: known?.failure,
    };
    this.#entries.set(item.object, entry);
    return entry;
  }

  done(item: Item, step: Step): void {
    this.enter(item).done.push(step);
  }

  fail(item: Item, failure: Failure): void {
    this.enter(item).failure ??= failure;
    for (const service of item.services) this.#failed.add(service);
  }

  /** Whether somebody still wants this. */
  isWanted({ services }: Pick<Item, 'services'>): boolean {
    return services.some((service) => !this.#failed.has(service));
  }

  results(): readonly ServiceResult[] {
    return this.#services.map((service) => {
      const own = [...this.#entries].filter(([, { services }]) => services.has(service));
      const objects = own.map(([object, entry]) => resultOf(object, entry));
      return { service, outcome: worst(objects), objects };
    });
  }
}

function resultOf(object: string, { done, note, failure }: Entry): ObjectResult {
  const wasMade = done.some(({ action }) => action === 'create');
  const outcome = failure !== undefined ? 'failed' : wasMade ? 'created' : done.length > 0 ? 'changed' : 'skipped';
  return { object, outcome, done: done.map(({ summary }) => summary), note, ...failure };
}

function worst(objects: readonly ObjectResult[]): Outcome {
  const order: readonly Outcome[] = ['failed', 'created', 'changed'];
  return order.find((outcome) => objects.some((object) => object.outcome === outcome)) ?? 'skipped';
}
