import { UserError } from '../../../errors.js';
import type { Answer, Exchange, Exchanger } from './exchange.js';

/** Sends a request and follows one redirection, which is how a standby node names the active one; never from https to http. */
export async function followed(exchange: Exchanger, request: Exchange, signal: AbortSignal): Promise<Answer> {
  const answer = await exchange(request, signal);
  const { location } = answer.headers;
  if (![301, 302, 307, 308].includes(answer.status) || location === undefined) return answer;
  const url = new URL(location, request.url);
  if (request.url.protocol === 'https:' && url.protocol !== 'https:') {
    throw new UserError(`Vault redirects to ${url.origin}, which is not encrypted`);
  }
  return exchange({ ...request, url }, signal);
}
