import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { codeOf, messageOf, UserError } from '../../../errors.js';
import type { LocalReference, VaultAuth, VaultSpec } from '../../spec/types.js';
import type { Secret } from '../secret.js';
import { textField } from './body.js';
import type { VaultClient } from './client.js';

export interface LoginContext {
  readonly env: NodeJS.ProcessEnv;
  /** Reads what a login needs; it never lies in Vault. */
  readonly readSecret: (reference: LocalReference) => Promise<Secret>;
}

/**
 * A token for Vault: VAULT_TOKEN; else the login that the file asks for; else ~/.vault-token, as `vault login` leaves it; else the
 * vault_token in Nomad's secrets directory; else AppRole with VAULT_ROLE_ID and VAULT_SECRET_ID. It is not renewed: a run is short.
 */
export async function vaultToken(client: VaultClient, { auth }: VaultSpec, context: LoginContext): Promise<string> {
  const { env } = context;
  if (env.VAULT_TOKEN) return env.VAULT_TOKEN.trim();
  if (auth !== undefined) return logIn(client, auth, context);
  const found =
    (await tokenFile(join(env.HOME ?? homedir(), '.vault-token'))) ??
    (env.NOMAD_SECRETS_DIR === undefined ? undefined : await tokenFile(join(env.NOMAD_SECRETS_DIR, 'vault_token')));
  if (found !== undefined) return found;
  if (env.VAULT_ROLE_ID && env.VAULT_SECRET_ID) return logIn(client, appRoleOfEnvironment, context);
  throw new UserError('there is no token for Vault', {
    hint: 'Set VAULT_TOKEN, run vault login, or give vault.auth in the services file a login.',
  });
}

const appRoleOfEnvironment: VaultAuth = {
  method: 'approle',
  mount: 'approle',
  roleId: { kind: 'env', name: 'VAULT_ROLE_ID' },
  secretId: { kind: 'env', name: 'VAULT_SECRET_ID' },
};

async function logIn(client: VaultClient, auth: VaultAuth, { readSecret }: LoginContext): Promise<string> {
  const credentials = await credentialsFor(auth, async (reference) => (await readSecret(reference)).reveal());
  const path = `auth/${auth.mount}/login`;
  const { role: _, ...secrets } = credentials;
  const { body } = await client.send({ method: 'POST', path, body: credentials, secrets: Object.values(secrets) });
  const token = textField(body, 'auth', 'client_token');
  if (!token)
    throw new UserError(`Vault answers the login at ${path} without a token`, {
      hint: 'Does it ask for a second factor?',
    });
  return token;
}

async function credentialsFor(
  auth: VaultAuth,
  reveal: (reference: LocalReference) => Promise<string>,
): Promise<Record<string, string>> {
  if (auth.method !== 'approle') return { role: auth.role, jwt: (await reveal(auth.jwt)).trim() };
  return { role_id: (await reveal(auth.roleId)).trim(), secret_id: (await reveal(auth.secretId)).trim() };
}

async function tokenFile(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw new UserError(`cannot read ${path}, which should hold a token for Vault: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
