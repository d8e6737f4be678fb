import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { messageOf, UserError } from '../../../errors.js';
import type { VaultSpec } from '../../spec/types.js';

/** Everything about reaching Vault but who we are. */
export interface VaultSettings {
  /** http, https, or unix with the socket's path. Paths of requests are joined to its own. */
  readonly address: URL;
  readonly namespace: string | undefined;
  readonly tls: SecureContextOptions & { readonly servername?: string; readonly rejectUnauthorized: boolean };
  /** For one request, its retries not counted. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
}

type Environment = NodeJS.ProcessEnv;

/**
 * What the file says of Vault, then the VAULT_* variables, then the defaults of Vault's own client (api/client.go). There is no default
 * address: Nomad hands out a token without one, and nobody means the https://127.0.0.1:8200 of the official client.
 */
export async function vaultSettings(spec: VaultSpec, env: Environment): Promise<VaultSettings> {
  return {
    address: readAddress(spec.address ?? env.VAULT_ADDR),
    namespace: (spec.namespace ?? env.VAULT_NAMESPACE) || undefined,
    tls: await readTls(spec, env),
    timeoutMs: readDuration('VAULT_CLIENT_TIMEOUT', env) ?? 60_000,
    maxRetries: readCount('VAULT_MAX_RETRIES', env) ?? 2,
  };
}

function readAddress(text: string | undefined): URL {
  if (!text) {
    throw new UserError('there is no address of Vault', {
      hint: 'Set VAULT_ADDR, or vault.address in the services file (Nomad sets VAULT_TOKEN, but not VAULT_ADDR).',
    });
  }
  const address = URL.canParse(text) ? new URL(text) : undefined;
  if (address === undefined || !['http:', 'https:', 'unix:'].includes(address.protocol)) {
    throw new UserError(`the address of Vault is no http, https or unix address: ${text}`);
  }
  if (address.username !== '' || address.password !== '') {
    throw new UserError('the address of Vault holds a user name or password, which Vault does not know');
  }
  return address;
}

async function readTls(spec: VaultSpec, env: Environment): Promise<VaultSettings['tls']> {
  const ca = await readAuthorities(spec, env);
  const cert = await readCertificate(spec.clientCert ?? env.VAULT_CLIENT_CERT);
  const key = await readCertificate(spec.clientKey ?? env.VAULT_CLIENT_KEY);
  if ((cert === undefined) !== (key === undefined)) {
    throw new UserError("Vault's client certificate and its key come together", {
      hint: 'Set both VAULT_CLIENT_CERT and VAULT_CLIENT_KEY, or none.',
    });
  }
  return {
    rejectUnauthorized: !isTrue('VAULT_SKIP_VERIFY', env),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(env.VAULT_TLS_SERVER_NAME && { servername: env.VAULT_TLS_SERVER_NAME }),
  };
}

/** A file, bytes, or a directory, in that order; with one of them the system's authorities do not count (go-rootcerts). */
async function readAuthorities(spec: VaultSpec, env: Environment): Promise<string[] | undefined> {
  const file = await readCertificate(spec.caCert ?? env.VAULT_CACERT);
  if (file !== undefined) return [file];
  if (env.VAULT_CACERT_BYTES) return [env.VAULT_CACERT_BYTES];
  if (!env.VAULT_CAPATH) return undefined;
  const directory = env.VAULT_CAPATH;
  const names = await readdir(directory).catch((error: unknown) => unreadable(directory, error));
  const files = await Promise.all(names.map((name) => readCertificate(join(directory, name))));
  return files.filter((text) => text !== undefined);
}

async function readCertificate(path: string | undefined): Promise<string | undefined> {
  return path ? await readFile(path, 'utf8').catch((error: unknown) => unreadable(path, error)) : undefined;
}

function unreadable(path: string, error: unknown): never {
  throw new UserError(`cannot read ${path}, which is to secure the connection to Vault: ${messageOf(error)}`, {
    cause: error,
  });
}

/** Seconds, or Go's `1m30s`. */
function readDuration(name: string, env: Environment): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    return malformed(name, text, 'a duration like 60s');
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0);
}

function readCount(name: string, env: Environment): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  return /^\d+$/.test(text) ? Number(text) : malformed(name, text, 'a whole number');
}

/** What Go's strconv.ParseBool takes. */
function isTrue(name: string, env: Environment): boolean {
  const text = env[name];
  if (!text || /^(0|f|F|false|FALSE|False)$/.test(text)) return false;
  return /^(1|t|T|true|TRUE|True)$/.test(text) || malformed(name, text, 'true or false');
}

function malformed(name: string, text: string, wanted: string): never {
  throw new UserError(`${name} must be ${wanted}, not ${JSON.stringify(text)}`);
}
