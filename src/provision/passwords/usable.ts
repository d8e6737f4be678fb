import { saslprep } from '../../postgres/scram.js';

/**
 * Why a password cannot be used, undefined when it can. Clients send a digest of the password's normal form (SASLprep, RFC 4013), and
 * they differ over characters that the form does not allow, control characters and emoji among them: libpq and the server then take
 * the password as it is, others change what they can. A password that both ways would read differently opens the door to some
 * clients only.
 */
export function unusableReason(password: string): string | undefined {
  if (password === '') return 'it is empty';
  if (password.includes('\0')) return 'it holds a NUL character, which PostgreSQL cannot take';
  if (/\p{Surrogate}/u.test(password)) return 'it is not valid Unicode';
  const prepared = saslprep(password);
  if (prepared === '') return 'nothing is left of it in normal form (SASLprep)';
  // Below U+0220 every character but the control characters was assigned in Unicode 3.2, on which the form rests.
  const isUndisputed = prepared === password || /^[\x20-\x7e\xa0-\u021f]*$/.test(prepared);
  return isUndisputed ? undefined : 'clients differ over the normal form (SASLprep) of its characters';
}
