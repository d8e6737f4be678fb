import assert from 'node:assert/strict';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { readClusterSettings } from '../../src/cluster/settings.js';
import { startCluster } from '../../src/cluster/start.js';
import { stopCluster } from '../../src/cluster/stop.js';
import { Secret } from '../../src/provision/secrets/secret.js';
import type { Server } from '../../src/provision/server.js';
import { serverOf } from '../../src/provision/server.js';
import { type WaitReason, type WaitState, waitForServer } from '../../src/provision/wait.js';
import { testEnvironment, withDirectory } from '../support/cluster.js';
import { withServer } from './server.js';

function serverAt(host: string, port: number, user = 'nobody', password = 'x'): Server {
  const connection = { host, port: String(port), user };
  return serverOf(
    { connection, maintenanceDatabase: 'postgres', password: undefined },
    new Secret(password, 'the test'),
    { env: {} },
  );
}

/** Lends a server that answers every startup with one error. */
async function withRefusal(sqlstate: string, message: string, use: (port: number) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>();
  const server: NetServer = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('data', (data) => answer(socket, data, sqlstate, message));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use((server.address() as { port: number }).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** SSLRequest is answered with no, a startup packet with an ErrorResponse. */
function answer(socket: Socket, data: Buffer, sqlstate: string, message: string): void {
  if (data.length === 8) return void socket.write('N');
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlstate}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(4 + fields.length, 1);
  socket.end(Buffer.concat([head, fields]));
}

const refusals: readonly (readonly [string, string, WaitReason])[] = [
  ['57P03', 'the database system is starting up', 'starting'],
  [
    '57P03',
    'the database system is not yet accepting connections: consistent recovery state has not been yet reached',
    'recovery',
  ],
  ['28P01', 'password authentication failed for user "nobody"', 'authentication'],
  ['53300', 'sorry, too many clients already', 'connections'],
  ['3D000', 'database "postgres" does not exist', 'database'],
];

test('waiting tells why, and ends when it is to', async (t) => {
  for (const [sqlstate, message, reason] of refusals) {
    await t.test(`${message}: ${reason}`, () =>
      withRefusal(sqlstate, message, async (port) => {
        const stop = new AbortController();
        const onWait = (state: WaitState) => stop.abort(state);
        const waiting = waitForServer(
          { ...serverAt('127.0.0.1', port), signal: stop.signal },
          { timeoutMs: 'forever', onWait },
        );
        await assert.rejects(waiting, (state: WaitState) => {
          assert.equal(state.reason, reason);
          assert.ok(state.message.endsWith(message));
          return true;
        });
      }),
    );
  }

  await t.test('a port that nobody listens on: refused', () =>
    withDirectory(async (directory) => {
      await assert.rejects(
        waitForServer(serverAt(directory, 5432), { timeoutMs: 1 }),
        /not ready after 0\.001 s \((refused|unreachable)\)/,
      );
    }),
  );

  await t.test('a server that takes the connection and says nothing: unreachable', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await assert.rejects(
      waitForServer(serverAt('127.0.0.1', port), { timeoutMs: 300 }),
      /\(unreachable\): the server does not answer/,
    );
    server.close();
  });

  await t.test('for ever, until somebody has enough', async () => {
    const stop = new AbortController();
    const server = { ...serverAt('/nonexistent', 5432), signal: stop.signal };
    const onWait = () => stop.abort(new Error('enough'));
    await assert.rejects(waitForServer(server, { timeoutMs: 'forever', onWait }), /enough/);
  });
});

test('a server that comes up while we wait is found', async () => {
  await withServer(async ({ assignment, cluster }) => {
    const { server } = assignment({ any: null });
    const settings = readClusterSettings({
      ...testEnvironment(),
      PG_WORKING_DIR: join(cluster.dataDir, '..'),
      PG_REUSE: '1',
    });
    await stopCluster(settings.workingDir);
    let starting: Promise<unknown> | undefined;
    const onWait = () => {
      starting ??= startCluster(settings);
    };
    await waitForServer(server, { timeoutMs: 'forever', onWait });
    await starting;
  });
});
