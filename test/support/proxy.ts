import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { withDirectory } from './cluster.js';

/** A server in between, which can lose connections. */
export interface Interceptor {
  /** The directory of its socket. */
  readonly host: string;
  /** Bytes that have gone through, both ways. */
  readonly bytes: number;
  /** Drops every connection once so many bytes have gone through; later ones are let through again. */
  cutAfter(bytes: number): void;
}

/** Lends a proxy in front of the server whose socket lies in a directory. */
export function withProxy<T>(
  { host, port }: { readonly host: string; readonly port: number },
  use: (proxy: Interceptor) => Promise<T>,
): Promise<T> {
  return withDirectory(async (directory) => {
    const open = new Set<Socket>();
    let bytes = 0;
    let limit = Number.POSITIVE_INFINITY;
    const pass = (chunk: Buffer, to: Socket) => {
      const room = limit - bytes;
      bytes += chunk.length;
      if (chunk.length < room) return void to.write(chunk);
      limit = Number.POSITIVE_INFINITY;
      to.write(chunk.subarray(0, room), () => {
        for (const socket of open) socket.destroy();
      });
    };
    const server = createServer((client) => {
      const upstream = connectSocket({ path: join(host, `.s.PGSQL.${port}`) });
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        open.add(from);
        from.on('data', (chunk: Buffer) => pass(chunk, to));
        from.on('error', () => undefined);
        from.on('close', () => {
          open.delete(from);
          to.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(join(directory, `.s.PGSQL.${port}`), resolve));
    try {
      return await use({
        host: directory,
        get bytes() {
          return bytes;
        },
        cutAfter: (count) => {
          bytes = 0;
          limit = count;
        },
      });
    } finally {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });
}
