import { join, resolve } from 'node:path';
import { below, type Report } from '../../document/faults.js';
import { resolveReference, type Surroundings, vaultPath } from './references.js';
import type { SecretEntry, VaultAuthEntry, VaultEntry } from './services-file.js';
import type { LocalReference, VaultAuth, VaultSpec } from './types.js';

export function resolveVault(entry: VaultEntry, surroundings: Surroundings, report: Report): VaultSpec {
  const path = (name: string | undefined) => name && resolve(surroundings.directory, name);
  return {
    mount: vaultPath(surroundings.mount, below(report, 'mount')),
    address: entry.address,
    namespace: entry.namespace,
    caCert: path(entry.caCert),
    clientCert: path(entry.clientCert),
    clientKey: path(entry.clientKey),
    auth: entry.auth && resolveAuth(entry.auth, surroundings, below(report, 'auth')),
  };
}

function resolveAuth(
  { approle, kubernetes, jwt }: VaultAuthEntry,
  surroundings: Surroundings,
  report: Report,
): VaultAuth {
  const reference = (entry: SecretEntry, ...at: string[]) => loginReference(entry, surroundings, below(report, ...at));
  if (approle !== undefined) {
    const roleId = reference(approle.roleId, 'approle', 'roleId');
    return {
      method: 'approle',
      mount: approle.mount ?? 'approle',
      roleId,
      secretId: reference(approle.secretId, 'approle', 'secretId'),
    };
  }
  if (kubernetes !== undefined) {
    const { mount = 'kubernetes', role, token } = kubernetes;
    return { method: 'kubernetes', mount, role, jwt: reference(token ?? podToken, 'kubernetes', 'token') };
  }
  const { mount = 'jwt-nomad', role = '', token } = jwt ?? {};
  return { method: 'jwt', mount, role, jwt: reference(token ?? nomadToken(surroundings.env), 'jwt', 'token') };
}

/** What opens Vault cannot itself lie in Vault. */
function loginReference(entry: SecretEntry, surroundings: Surroundings, report: Report): LocalReference {
  const reference = resolveReference(entry, surroundings, report);
  if (reference.kind !== 'vault') return reference;
  report(['vault'], 'what opens Vault cannot lie in Vault; use env, file or exec');
  return { kind: 'env', name: '' };
}

const podToken: SecretEntry = { file: '/var/run/secrets/kubernetes.io/serviceaccount/token' };

/** The identity that Nomad writes for Vault, `identity { name = "vault_default" }` with `env` or `file`. */
function nomadToken(env: NodeJS.ProcessEnv): SecretEntry {
  if (env.NOMAD_TOKEN_vault_default !== undefined) return { env: 'NOMAD_TOKEN_vault_default' };
  return { file: join(env.NOMAD_SECRETS_DIR ?? '/secrets', 'nomad_vault_default.jwt') };
}
