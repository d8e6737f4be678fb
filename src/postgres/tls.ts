import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions, SecureVersion } from 'node:tls';
import { codeOf, messageOf, UserError } from '../errors.js';
import type { ConnectionConfig, Host } from './config.js';
import type { Conninfo } from './keywords.js';

/** How one attempt to connect is encrypted: not at all, or with these TLS options. */
export type Encryption = false | ConnectionOptions;

/**
 * The attempts that `sslmode` asks for, in order (libpq, "SSL Mode Descriptions"): `prefer` falls back to a plain connection, `allow`
 * to an encrypted one. Socket directories are never encrypted.
 */
export function encryptionAttempts({ conninfo, env }: ConnectionConfig, host: Host): readonly Encryption[] {
  if (host.isSocket || conninfo.sslmode === 'disable') return [false];
  if (conninfo.sslmode === 'allow') return [false, tlsOptions(conninfo, env)];
  if (conninfo.sslmode === 'prefer') return [tlsOptions(conninfo, env), false];
  return [tlsOptions(conninfo, env)];
}

const directory = (env: NodeJS.ProcessEnv) => join(env.HOME ?? homedir(), '.postgresql');

function tlsOptions(conninfo: Conninfo, env: NodeJS.ProcessEnv): ConnectionOptions {
  const { sslmode, sslsni, ssl_min_protocol_version: oldest, ssl_max_protocol_version: newest } = conninfo;
  const roots = rootCertificates(conninfo, env);
  const isVerified = roots !== undefined && sslmode !== 'prefer' && sslmode !== 'allow';
  return {
    rejectUnauthorized: isVerified,
    ...(roots === undefined || roots === 'system' ? {} : { ca: roots }),
    ...(isVerified && sslmode !== 'verify-full' ? { checkServerIdentity: () => undefined } : {}),
    ...clientCertificate(conninfo, env),
    ...(conninfo.sslcrl === undefined ? {} : { crl: read(conninfo.sslcrl, 'certificate revocation list') }),
    ...(oldest === undefined ? {} : { minVersion: oldest as SecureVersion }),
    ...(newest === undefined ? {} : { maxVersion: newest as SecureVersion }),
    ...(sslsni === '0' ? { servername: '' } : {}),
  };
}

/** `require` verifies the certificate too when a root file is there, as libpq does for compatibility. */
function rootCertificates({ sslmode, sslrootcert }: Conninfo, env: NodeJS.ProcessEnv): Buffer | 'system' | undefined {
  if (sslrootcert === 'system') {
    if (sslmode === 'verify-full') return 'system';
    throw new UserError(`weak sslmode "${sslmode}" may not be used with sslrootcert=system`, {
      hint: 'Use sslmode=verify-full.',
    });
  }
  const path = sslrootcert ?? join(directory(env), 'root.crt');
  const found = readIfPresent(path, 'root certificate file');
  if (found === undefined && sslmode?.startsWith('verify-')) {
    throw new UserError(`root certificate file "${path}" does not exist`, {
      hint: "Provide the file, use the system's trusted roots with sslrootcert=system, or change sslmode to disable server certificate verification.",
    });
  }
  return found;
}

function clientCertificate(conninfo: Conninfo, env: NodeJS.ProcessEnv): ConnectionOptions {
  const { sslcert = join(directory(env), 'postgresql.crt'), sslkey = join(directory(env), 'postgresql.key') } =
    conninfo;
  const cert = readIfPresent(sslcert, 'certificate file');
  if (cert === undefined) return {};
  refuseOpenKey(sslkey);
  const { sslpassword } = conninfo;
  return {
    cert,
    key: read(sslkey, 'private key file'),
    ...(sslpassword === undefined ? {} : { passphrase: sslpassword }),
  };
}

/** A key may be read by its owner only, or by a group as well when root owns it. */
function refuseOpenKey(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || (stat.mode & (stat.uid === 0 ? 0o037 : 0o077)) === 0) return;
  throw new UserError(`private key file "${path}" has group or world access`, {
    hint: 'The file must have permissions u=rw (0600) or less if owned by the current user, or u=rw,g=r (0640) or less if owned by root.',
  });
}

function readIfPresent(path: string, what: string): Buffer | undefined {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : read(path, what);
}

function read(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = codeOf(error) === 'ENOENT' ? 'it does not exist' : messageOf(error);
    throw new UserError(`could not read ${what} "${path}": ${reason}`, { cause: error });
  }
}
