import { UserError } from '../../../errors.js';
import { field, isRecord } from './body.js';

/** What was asked for, as far as an error may say. */
interface Refused {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: string;
  readonly secrets?: readonly string[];
}

/** Vault said no. The message holds Vault's own errors, without any secret that it sends back. */
export class VaultRefusal extends UserError {
  override name = 'VaultRefusal';

  constructor(
    readonly status: number,
    readonly body: unknown,
    { method, path, token, secrets = [] }: Refused,
  ) {
    const said = errorsOf(body).join('; ').trim();
    const reason = withoutSecrets(said, token === undefined ? secrets : [...secrets, token]);
    super(`Vault refuses ${method} ${path}: ${status}${reason === '' ? wordsFor(status) : ` ${reason}`}`, {
      hint: hints[status],
    });
  }

  /** Whether Vault's errors say so. */
  mentions(words: string): boolean {
    return errorsOf(this.body).some((error) => error.includes(words));
  }
}

export function errorsOf(body: unknown): readonly string[] {
  const errors = isRecord(body) ? field(body, 'errors') : undefined;
  return Array.isArray(errors) ? errors.map(String) : [];
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== '').reduce((left, secret) => left.replaceAll(secret, '[secret]'), text);
}

function wordsFor(status: number): string {
  return status === 404 ? ' (not found, or not permitted)' : '';
}

const hints: Readonly<Record<number, string>> = {
  403: "The token is not valid, or its policy does not allow it; 'vault token lookup' and 'vault token capabilities' tell.",
  429: 'Vault limits the rate of requests, or this node is a standby.',
  501: "Vault is not initialized: 'vault operator init'.",
  503: "Vault is sealed or in maintenance: 'vault status'.",
};
