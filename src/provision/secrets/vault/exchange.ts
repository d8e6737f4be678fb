import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { VaultSettings } from './settings.js';

export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export type Exchanger = (exchange: Exchange, signal: AbortSignal) => Promise<Answer>;

/** Connections at a time, which are used again until the lending ends. */
const maxSockets = 8;

/** Lends the means to send requests. Rejections are Node's own errors. */
export async function withExchanger<T>(
  { address, tls }: Pick<VaultSettings, 'address' | 'tls'>,
  use: (exchanger: Exchanger) => Promise<T>,
): Promise<T> {
  const options = { keepAlive: true, maxSockets };
  const [plain, secure] = [new HttpAgent(options), new HttpsAgent({ ...options, ...tls })];
  const socketPath = address.protocol === 'unix:' ? { socketPath: decodeURIComponent(address.pathname) } : {};
  try {
    return await use(({ method, url, headers, body }, signal) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const shared = { method, headers, signal, ...socketPath };
        const sent =
          url.protocol === 'https:'
            ? httpsRequest(url, { ...shared, agent: secure })
            : httpRequest(url, { ...shared, agent: plain });
        sent.on('response', resolve).on('error', reject).end(body);
      }).then(async (response) => ({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: await text(response),
      })),
    );
  } finally {
    plain.destroy();
    secure.destroy();
  }
}
