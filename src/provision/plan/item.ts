import type { SqlFile } from '../spec/types.js';

/** What a step does, in the words that a plan is printed with. */
export type Action = 'create' | 'change' | 'grant' | 'revoke' | 'run' | 'drop';

/** One statement, or one SQL file. */
export interface Step {
  readonly action: Action;
  /** What it does, for people: `create database gitea`. */
  readonly summary: string;
  /** The statement; without its password, which is appended as a verifier when it is sent. Empty for a file. */
  readonly sql: string;
  /** The user whose password belongs at the end of the statement. */
  readonly passwordOf?: string;
  readonly file?: {
    readonly service: string;
    readonly script: SqlFile;
    readonly user: string;
    readonly sha256: string;
  };
}

/** One object of the specification: what is to be done to it, or that it is left as it is. */
export interface Item {
  /** The object in words, unique in a plan: `database gitea`, `schema public in gitea`. */
  readonly object: string;
  /** The services that want it. */
  readonly services: readonly string[];
  /** In order; none when the object is as wished. */
  readonly steps: readonly Step[];
  /** What else there is to say: that it exists, that it cannot be checked, which version of a secret is in force. */
  readonly note?: string | undefined;
}

/** Something that keeps a service from being provisioned. The other services go on. */
export interface Fault {
  readonly service: string;
  readonly object: string;
  readonly reason: string;
  readonly hint?: string | undefined;
}

/** What a part of the planner decides. */
export interface Decision {
  readonly items: readonly Item[];
  readonly faults: readonly Fault[];
}

export function join(decisions: readonly Decision[]): Decision {
  return {
    items: decisions.flatMap(({ items }) => items),
    faults: decisions.flatMap(({ faults }) => faults),
  };
}

/** The same fault for each of several services. */
export function faultsOf(services: readonly string[], fault: Omit<Fault, 'service'>): readonly Fault[] {
  return services.map((service) => ({ service, ...fault }));
}

/** A name as it is shown to people: quoted when it is not an ordinary word, so that its end can be seen, and on one line. */
export function shown(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_$.-]*$/u.test(name) ? name : JSON.stringify(name);
}
