import { UserError } from '../../errors.js';
import type { SecretReference, ServiceSpec } from '../spec/types.js';

/** The password's place in Vault. @throws UserError for a password that is kept elsewhere */
export function vaultSecretOf(
  { name, user: { password } }: ServiceSpec,
  format: string,
): Extract<SecretReference, { kind: 'vault' }> {
  if (password.kind === 'vault') return password;
  throw new UserError(
    `the password of service ${JSON.stringify(name)} is not in Vault, where ${format} would read it`,
    {
      hint: 'Keep it in Vault, or take --for env.',
    },
  );
}
