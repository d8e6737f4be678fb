import { randomUUID } from 'node:crypto';
import { withVaultStandIn } from '../support/vault.js';

/** A Vault to test against, the stand-in or a real one, with a KV engine of each version that is the test's own. */
export interface VaultServer {
  readonly address: string;
  readonly token: string;
  readonly kv1: string;
  readonly kv2: string;
  /** Sends a request as the API's documentation has it; a refusal is an error. */
  api(method: string, path: string, body?: object): Promise<unknown>;
}

const { VAULT_ADDR: realAddress, VAULT_TOKEN: realToken } = process.env;

export const withoutRealVault =
  realAddress && realToken ? false : 'VAULT_ADDR and VAULT_TOKEN name no server to test against';

/** Lends the stand-in. */
export function withStandInServer<T>(use: (vault: VaultServer) => Promise<T>): Promise<T> {
  return withVaultStandIn(({ address, token }) => withMounts(address, token, use));
}

/** Lends the server of VAULT_ADDR; what is mounted there for the test is removed afterwards. */
export function withRealServer<T>(use: (vault: VaultServer) => Promise<T>): Promise<T> {
  return withMounts(`${realAddress}`, `${realToken}`, use);
}

async function withMounts<T>(address: string, token: string, use: (vault: VaultServer) => Promise<T>): Promise<T> {
  const api = requester(address, token);
  const [kv1, kv2] = [1, 2].map((version) => `slipway-test/${randomUUID()}-kv${version}`) as [string, string];
  try {
    await api('POST', `sys/mounts/${kv1}`, { type: 'kv', options: { version: '1' } });
    await api('POST', `sys/mounts/${kv2}`, { type: 'kv', options: { version: '2' } });
    await untilReady(api, kv2);
    return await use({ address, token, kv1, kv2, api });
  } finally {
    for (const mount of [kv1, kv2]) await api('DELETE', `sys/mounts/${mount}`);
  }
}

/** A real engine of version 2 refuses writes while it is being prepared. */
async function untilReady(api: VaultServer['api'], mount: string): Promise<void> {
  for (let left = 100; ; left--) {
    try {
      await api('POST', `${mount}/data/ready`, { data: { yes: 'yes' } });
      return;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function requester(address: string, token: string): VaultServer['api'] {
  return async (method, path, body) => {
    const headers = { 'X-Vault-Token': token, 'Content-Type': 'application/json' };
    const response = await fetch(`${address}/v1/${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer}`);
    return answer === '' ? undefined : JSON.parse(answer);
  };
}
