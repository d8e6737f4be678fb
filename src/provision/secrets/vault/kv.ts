import { UserError } from '../../../errors.js';
import type { VaultAnswer, VaultClient } from './client.js';
import { type EngineVersion, engineVersion } from './engine.js';
import { entryOfKv1, entryOfKv2, type KvEntry } from './entry.js';
import { VaultRefusal } from './refusal.js';

export interface Kv {
  /** Rejects with a VaultRefusal, and with a UserError when the answer cannot be understood. */
  read(mount: string, path: string): Promise<KvEntry>;
  /** Writes a first version where there is none; false when somebody else was faster. Only for KV 2. */
  create(mount: string, path: string, data: Readonly<Record<string, string>>): Promise<boolean>;
}

/** KV engines, version 1 or 2, seen with a token. The version of each mount is asked for once. */
export function openKv(client: VaultClient, token: string): Kv {
  const versions = new Map<string, Promise<EngineVersion>>();
  const versionOf = (mount: string) => {
    const version = versions.get(mount) ?? engineVersion(client, mount, token);
    versions.set(mount, version);
    return version;
  };
  const get = (path: string) => client.send({ method: 'GET', path, token, mayBeMissing: true });
  return {
    async read(mount, path) {
      const engine = await versionOf(mount);
      if (engine === 'unknown') return readUnknown(get, mount, path);
      const answer = await get(engine === 2 ? `${mount}/data/${path}` : `${mount}/${path}`);
      const entry = engine === 2 ? entryOfKv2(answer) : entryOfKv1(answer);
      if (entry === undefined) throw notUnderstood(mount, path);
      return entry.state === 'missing' ? { ...entry, engine } : entry;
    },
    create: (mount, path, data) => create(client, token, { mount, path, data }),
  };
}

/** Asks as of both versions. Where one is refused and the other is a miss, the refusal was about a path that means nothing there. */
async function readUnknown(get: (path: string) => Promise<VaultAnswer>, mount: string, path: string): Promise<KvEntry> {
  const [second, first] = await Promise.allSettled([get(`${mount}/data/${path}`), get(`${mount}/${path}`)]);
  const ofKv2 = second.status === 'fulfilled' ? entryOfKv2(second.value) : undefined;
  const ofKv1 = first.status === 'fulfilled' ? entryOfKv1(first.value) : undefined;
  if (ofKv2 !== undefined && ofKv2.state !== 'missing') return ofKv2;
  const entry = ofKv1 ?? ofKv2;
  if (entry !== undefined) return entry;
  throw second.status === 'rejected' ? second.reason : notUnderstood(mount, path);
}

async function create(
  client: VaultClient,
  token: string,
  { mount, path, data }: { mount: string; path: string; data: Readonly<Record<string, string>> },
): Promise<boolean> {
  const body = { options: { cas: 0 }, data };
  const secrets = Object.values(data);
  try {
    await client.send({ method: 'POST', path: `${mount}/data/${path}`, token, body, secrets });
    return true;
  } catch (error) {
    // also the answer to a repeated request whose first answer was lost: what was written is then read like anybody's
    if (error instanceof VaultRefusal && error.status === 400 && error.mentions('check-and-set')) return false;
    throw error;
  }
}

function notUnderstood(mount: string, path: string): UserError {
  return new UserError(`the answer for ${mount}/${path} is not that of a KV engine`, {
    hint: 'Is VAULT_ADDR the address of Vault itself?',
  });
}
