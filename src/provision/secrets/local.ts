import { readFile } from 'node:fs/promises';
import { codeOf, messageOf, UserError } from '../../errors.js';
import type { LocalReference } from '../spec/types.js';
import { runForSecret } from './program.js';
import type { Secret } from './secret.js';
import { decodeSecret, usableSecret } from './usable.js';

export interface LocalContext {
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** Reads a secret from the environment, a file or a program. Rejects with a UserError that holds nothing of the secret. */
export async function readLocalSecret(reference: LocalReference, { env, signal }: LocalContext): Promise<Secret> {
  switch (reference.kind) {
    case 'env':
      return fromEnvironment(reference.name, env);
    case 'file':
      return fromFile(reference.path);
    case 'exec':
      return runForSecret(reference, { env, signal });
  }
}

function fromEnvironment(name: string, env: NodeJS.ProcessEnv): Secret {
  const value = env[name];
  if (value === undefined) throw new UserError(`the environment variable ${name} is not set`);
  return usableSecret(value, `environment variable ${name}`);
}

async function fromFile(path: string): Promise<Secret> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const reason = codeOf(cause) === 'ENOENT' ? 'there is no such file' : messageOf(cause);
    throw new UserError(`cannot read the secret in ${path}: ${reason}`, { cause });
  });
  return decodeSecret(bytes, `file ${path}`);
}
