import { inspect } from 'node:util';
import type { UserError } from '../../errors.js';

/** A secret in memory. Printed, inspected, joined into a text or written as JSON, it shows where it came from, never its value. */
export class Secret {
  readonly #value: string;

  constructor(
    value: string,
    /** Where it was read, in words for messages: `vault secret/postgres/gitea#password`, `environment variable DB_PASSWORD`. */
    readonly origin: string,
    /** Version in a KV 2 engine; undefined for every other source. */
    readonly version?: number,
    /** When that version was made, as the engine says it; tells two engines that count alike apart. */
    readonly created?: string,
  ) {
    this.#value = value;
  }

  /** The value, for the one place that needs it. */
  reveal(): string {
    return this.#value;
  }

  toJSON(): { origin: string; version?: number } {
    return { origin: this.origin, ...(this.version === undefined ? {} : { version: this.version }) };
  }

  toString(): string {
    return `[secret from ${this.origin}]`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** What came of looking a secret up. A failure is a value: it concerns the services that need this secret, and no others. */
export type SecretOutcome =
  | { readonly state: 'read'; readonly secret: Secret }
  /** There is none, and it would be generated in a run that may write. */
  | { readonly state: 'missing'; readonly origin: string }
  | { readonly state: 'failed'; readonly error: UserError };

/** What came of each password, by the name of its user. */
export type Passwords = ReadonlyMap<string, SecretOutcome>;
