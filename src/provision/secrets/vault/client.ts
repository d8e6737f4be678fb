import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, UserError } from '../../../errors.js';
import { type Answer, type Exchanger, withExchanger } from './exchange.js';
import { followed } from './redirect.js';
import { errorsOf, VaultRefusal } from './refusal.js';
import type { VaultSettings } from './settings.js';

/** An answer of Vault that is no refusal. */
export interface VaultAnswer {
  readonly status: number;
  /** The JSON body; undefined when there is none. */
  readonly body: unknown;
}

export interface VaultRequest {
  readonly method: 'GET' | 'POST';
  /** Steps below /v1, each sent percent-encoded. */
  readonly path: string;
  readonly body?: object;
  readonly token?: string;
  /** What must not show in an error text, were it sent back. */
  readonly secrets?: readonly string[];
  /** A 404 without errors, which says that nothing is there, is an answer like others. */
  readonly mayBeMissing?: boolean;
}

export interface VaultClient {
  /** Rejects with a VaultRefusal, or with a UserError when Vault cannot be reached. */
  send(request: VaultRequest): Promise<VaultAnswer>;
}

export interface ClientOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds before the next attempt, unless Vault says otherwise. */
  readonly backoff?: () => number;
}

/** Lends a client with the habits of the official one: retries after 412, 429 and 5xx except 501, and after broken connections. */
export async function withVaultClient<T>(
  settings: VaultSettings,
  use: (client: VaultClient) => Promise<T>,
  { signal, backoff = () => randomInt(1000, 1501) }: ClientOptions = {},
): Promise<T> {
  return withExchanger(settings, (exchange) =>
    use({
      async send(request) {
        for (let retries = settings.maxRetries; ; retries--) {
          const answer = await attempt(settings, exchange, request, signal);
          if (retries <= 0 || !isWorthRetrying(answer)) return judged(answer, request, settings);
          await sleep(Math.min(retryAfter(answer) ?? backoff(), settings.timeoutMs), undefined, { signal });
        }
      },
    }),
  );
}

async function attempt(
  settings: VaultSettings,
  exchange: Exchanger,
  { method, path, body, token }: VaultRequest,
  signal: AbortSignal | undefined,
): Promise<Answer | Error> {
  const limit = AbortSignal.timeout(settings.timeoutMs);
  const headers = {
    'X-Vault-Request': 'true',
    ...(token !== undefined && { 'X-Vault-Token': token }),
    ...(settings.namespace !== undefined && { 'X-Vault-Namespace': settings.namespace }),
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
  };
  const request = { method, url: urlOf(settings.address, path), headers, body: body && JSON.stringify(body) };
  try {
    return await followed(exchange, request, signal === undefined ? limit : AbortSignal.any([signal, limit]));
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) return new Error(`no answer within ${settings.timeoutMs / 1000} s`);
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

function urlOf(address: URL, path: string): URL {
  const base = address.protocol === 'unix:' ? 'http://localhost' : address.href;
  const steps = path.split('/').map(encodeURIComponent).join('/');
  return new URL(`${base.replace(/\/+$/, '')}/v1/${steps}`);
}

function isWorthRetrying(answer: Answer | Error): boolean {
  if (answer instanceof Error) return !isCertificateError(answer);
  const { status } = answer;
  return status === 412 || status === 429 || (status >= 500 && status !== 501);
}

/** A certificate does not get better by asking again. */
function isCertificateError(error: Error): boolean {
  return 'code' in error && /CERT|ALTNAME|^ERR_SSL|^ERR_TLS|SELF_SIGNED|UNABLE_TO/.test(String(error.code));
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfter(answer: Answer | Error): number | undefined {
  const value = answer instanceof Error ? undefined : answer.headers['retry-after'];
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function judged(answer: Answer | Error, request: VaultRequest, { address }: VaultSettings): VaultAnswer {
  if (answer instanceof Error) throw unreachable(answer, address);
  const body = parseBody(answer.text);
  const { status } = answer;
  if (status >= 200 && status < 300) return { status, body };
  if (request.mayBeMissing && status === 404 && errorsOf(body).length === 0) return { status, body };
  throw new VaultRefusal(status, body, request);
}

function unreachable(cause: Error, address: URL): UserError {
  const hint = isCertificateError(cause)
    ? 'VAULT_CACERT names the file of the authority that signed for Vault.'
    : undefined;
  return new UserError(
    `cannot reach Vault at ${address.origin === 'null' ? address.href : address.origin}: ${reasonOf(cause)}`,
    {
      hint,
      cause,
    },
  );
}

/** The addresses of a name that were tried in vain have a reason each, and together no message. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : error.message;
}

function parseBody(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    // a proxy's page: the status says enough
    return undefined;
  }
}
