import { UserError } from '../../errors.js';
import { Secret } from './secret.js';

/** A secret of this value. Throws a UserError for one that PostgreSQL cannot keep, or that would take a password away. */
export function usableSecret(value: string, origin: string, version?: number): Secret {
  if (value === '') {
    throw new UserError(`${origin} is empty`, { hint: 'An empty password would remove the one that is set.' });
  }
  if (value.includes('\0')) throw new UserError(`${origin} holds a NUL character, which no password can`);
  return new Secret(value, origin, version);
}

/** What a file or program gives as a secret: UTF-8 without the one newline that ends a line. */
export function decodeSecret(bytes: Uint8Array, origin: string): Secret {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UserError(`${origin} is not UTF-8 text`, { cause });
  }
  return usableSecret(text.replace(/\r?\n$/, ''), origin);
}
