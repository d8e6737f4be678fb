import { resolve } from 'node:path';
import { below, type Report } from '../../document/faults.js';
import type { SecretEntry } from './services-file.js';
import type { SecretReference } from './types.js';

/** What a resolved entry takes from its surroundings. */
export interface Surroundings {
  /** Where relative paths begin and programs run: the services file's directory. */
  readonly directory: string;
  /** Mount of the KV engine for references that name none. */
  readonly mount: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A reference that the schema has found to name exactly one source. */
export function resolveReference(
  { vault, key = 'password', mount, env, file, exec }: SecretEntry,
  { directory, mount: defaultMount }: Omit<Surroundings, 'env'>,
  report: Report,
): SecretReference {
  if (vault !== undefined) {
    const [at, path] = [
      vaultPath(mount ?? defaultMount, below(report, 'mount')),
      vaultPath(vault, below(report, 'vault')),
    ];
    return { kind: 'vault', mount: at, path, key, generate: false };
  }
  if (env !== undefined) return { kind: 'env', name: env };
  if (file !== undefined) return { kind: 'file', path: resolve(directory, file) };
  const [program = '', ...args] = exec ?? [];
  return { kind: 'exec', program, args, directory };
}

/** A path without slashes at its ends. A step `..` would lead out of the mount, or be taken out on the way. */
export function vaultPath(path: string, report: Report): string {
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  const isUnclear = trimmed.split('/').some((step) => ['', '.', '..'].includes(step));
  if (isUnclear) report([], "a path in Vault has no empty step, and none that is '.' or '..'");
  return trimmed;
}
