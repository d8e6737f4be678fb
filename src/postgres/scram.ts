import { createHash, createHmac, pbkdf2, pbkdf2Sync, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

export interface ScramParameters {
  readonly salt?: Buffer;
  readonly iterations?: number;
}

/**
 * The verifier that a server keeps for SCRAM-SHA-256 (RFC 5803, `pg_authid.rolpassword`):
 * `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`. Made here so that a password never travels in clear.
 */
export function scramVerifier(
  password: string,
  { salt = randomBytes(16), iterations = 4096 }: ScramParameters = {},
): string {
  return format(pbkdf2Sync(saslprep(password), salt, iterations, 32, 'sha256'), salt, iterations);
}

/** Whether a verifier, as a server keeps it, was made from this password. Works on a thread of its own: it takes a millisecond. */
export async function isVerifierOf(verifier: string, password: string): Promise<boolean> {
  const [, count, salt64] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(verifier) ?? [];
  if (count === undefined || salt64 === undefined) return false;
  const [iterations, salt] = [Number(count), Buffer.from(salt64, 'base64')];
  const salted = await promisify(pbkdf2)(saslprep(password), salt, iterations, 32, 'sha256');
  return format(salted, salt, iterations) === verifier;
}

function format(salted: Buffer, salt: Buffer, iterations: number): string {
  const storedKey = createHash('sha256').update(keyed(salted, 'Client Key')).digest('base64');
  const serverKey = keyed(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

function keyed(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** SASLprep as far as it changes a password: foreign spaces, characters mapped to nothing, NFKC (RFC 4013, 2.1 and 2.2). */
export function saslprep(password: string): string {
  if (/^[\x20-\x7e]*$/.test(password)) return password;
  return password
    .replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g, ' ')
    .replace(/\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/g, '')
    .normalize('NFKC');
}
