import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { type ReadOptions, readSecrets } from '../../src/provision/secrets/read.js';
import type { SecretOutcome } from '../../src/provision/secrets/secret.js';
import { parseSpec } from '../../src/provision/spec/read.js';

export interface Lookup {
  /** Lines of the file before the services. */
  readonly head?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly generate?: boolean;
  readonly options?: Partial<ReadOptions>;
  readonly directory?: string;
}

/** What comes of the passwords of services, given as the rest of a file after `services:`; by service. */
export async function lookUp(services: string, lookup: Lookup = {}): Promise<ReadonlyMap<string, SecretOutcome>> {
  const { head = '', env = {}, generate = false, options, directory = '/nonexistent' } = lookup;
  const spec = parseSpec(`${directory}/services.yaml`, `version: 1\n${head}\nservices: ${services}`, env);
  const found = await readSecrets(spec, spec.services, {
    env: { HOME: '/nonexistent', PATH: process.env.PATH, ...env },
    generate,
    backoff: () => 1,
    ...options,
  });
  return found.passwords;
}

/** The same for one service, of whose password the reference is given; tells a value, `missing`, or the words of a failure. */
export async function lookUpOne(password: string, lookup: Lookup = {}): Promise<string> {
  const outcome = (
    await lookUp(`{ a: { password: ${password}${lookup.generate === undefined ? '' : ', generate: true'} } }`, lookup)
  ).get('a');
  return wordsOf(outcome ?? assert.fail('no outcome'));
}

/** Checks on the way that printing an outcome shows no secret. */
export function wordsOf(outcome: SecretOutcome): string {
  if (outcome.state === 'missing') return 'missing';
  if (outcome.state === 'failed') return `failed: ${outcome.error.message}`;
  const { secret } = outcome;
  for (const shown of [inspect(outcome, { depth: 9 }), JSON.stringify(outcome), `${secret}`]) {
    assert.ok(!shown.includes(secret.reveal()), `a secret shows in ${shown}`);
  }
  return `${secret.reveal()}${secret.version === undefined ? '' : ` (version ${secret.version})`}`;
}
