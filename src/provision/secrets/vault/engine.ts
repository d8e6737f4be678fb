import { UserError } from '../../../errors.js';
import { textField } from './body.js';
import type { VaultClient } from './client.js';
import { VaultRefusal } from './refusal.js';

/** Version of a KV engine; `unknown` where the token may not ask, so that reading has to show it. */
export type EngineVersion = 1 | 2 | 'unknown';

/** Asks what is mounted, as Vault's own client does before it reads. */
export async function engineVersion(client: VaultClient, mount: string, token: string): Promise<EngineVersion> {
  const path = `sys/internal/ui/mounts/${mount}`;
  try {
    const { body } = await client.send({ method: 'GET', path, token });
    return versionOf(body, mount);
  } catch (error) {
    // 403 also stands for a mount that is not there; 404 for a Vault older than this question
    if (error instanceof VaultRefusal && [400, 403, 404, 405].includes(error.status)) return 'unknown';
    throw error;
  }
}

function versionOf(body: unknown, mount: string): EngineVersion {
  const type = textField(body, 'data', 'type');
  if (type === undefined) return 'unknown';
  if (type !== 'kv' && type !== 'generic') {
    throw new UserError(`Vault's ${mount} is no KV engine, but ${type}`, { hint: 'vault.mount names the KV engine.' });
  }
  return textField(body, 'data', 'options', 'version') === '2' ? 2 : 1;
}
