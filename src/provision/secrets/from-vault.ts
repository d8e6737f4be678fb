import { randomBytes } from 'node:crypto';
import { UserError } from '../../errors.js';
import type { SecretReference } from '../spec/types.js';
import type { SecretOutcome } from './secret.js';
import { usableSecret } from './usable.js';
import { field } from './vault/body.js';
import type { KvEntry } from './vault/entry.js';
import type { Kv } from './vault/kv.js';

export type VaultReference = Extract<SecretReference, { kind: 'vault' }>;

/** Everything that is wanted of one path, which is read once. */
export interface VaultPath {
  readonly mount: string;
  readonly path: string;
  readonly references: readonly VaultReference[];
}

/**
 * The entry at a path, made first if there is none, one of the references may be generated, and `mayWrite`. Whoever is faster in
 * making it has made it for all: the entry is read again in either case.
 */
export async function readVaultPath(kv: Kv, wanted: VaultPath, mayWrite: boolean): Promise<KvEntry> {
  const { mount, path, references } = wanted;
  const entry = await kv.read(mount, path);
  const keys = references.filter(({ generate }) => generate).map(({ key }) => key);
  if (entry.state !== 'missing' || keys.length === 0) return entry;
  if (entry.engine !== 2) throw cannotGenerate(wanted, entry.engine);
  if (!mayWrite) return entry;
  await kv.create(mount, path, Object.fromEntries(keys.map((key) => [key, generatePassword()])));
  return kv.read(mount, path);
}

/** What an entry has for a reference. */
export function outcomeOf(entry: KvEntry, reference: VaultReference): SecretOutcome {
  const { mount, path, key, generate } = reference;
  const origin = `vault ${mount}/${path}#${key}`;
  if (entry.state === 'missing' && generate) return { state: 'missing', origin };
  try {
    if (entry.state !== 'found') throw notThere(entry, reference);
    const value = field(entry.data, key);
    if (typeof value !== 'string') throw noSuchKey(entry.data, reference);
    return { state: 'read', secret: usableSecret(value, origin, entry.version) };
  } catch (error) {
    if (error instanceof UserError) return { state: 'failed', error };
    throw error;
  }
}

/** 192 bits, in characters that no shell, URL or dotenv file changes. */
function generatePassword(): string {
  return randomBytes(24).toString('base64url');
}

function notThere(entry: Exclude<KvEntry, { state: 'found' }>, { mount, path, key }: VaultReference): UserError {
  if (entry.state === 'deleted') {
    return new UserError(`the secret ${mount}/${path} in Vault is deleted: ${entry.words}`, {
      hint: `Bring it back (vault kv undelete) or write it again: vault kv put ${mount}/${path} ${key}=…`,
    });
  }
  const isMountRepeated = path.startsWith(`${mount}/`) || path.startsWith('data/');
  return new UserError(`there is no secret ${mount}/${path} in Vault, or the token may not see it`, {
    hint: isMountRepeated
      ? "A path begins below the engine's mount, and without data/."
      : `Write it: vault kv put ${mount}/${path} ${key}=…, or let it be made: generate: true`,
  });
}

function noSuchKey(data: Readonly<Record<string, unknown>>, { mount, path, key }: VaultReference): UserError {
  const keys = Object.keys(data);
  const has = keys.length === 0 ? 'it is empty' : `its keys are ${keys.join(', ')}`;
  const problem = keys.includes(key)
    ? `${JSON.stringify(key)} is not text`
    : `there is no key ${JSON.stringify(key)}: ${has}`;
  return new UserError(`in the secret ${mount}/${path} in Vault ${problem}`, {
    hint: 'key: says which one is the password.',
  });
}

function cannotGenerate({ mount, path }: VaultPath, engine: 1 | 'unknown'): UserError {
  const reason = engine === 1 ? 'is of version 1, which has no check-and-set' : 'does not tell its version';
  return new UserError(`cannot make the secret ${mount}/${path}: the KV engine ${mount} ${reason}`, {
    hint: `Write it: vault kv put ${mount}/${path} …`,
  });
}
