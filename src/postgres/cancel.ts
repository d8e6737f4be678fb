import { connect } from 'node:net';
import type { Connected } from './connect.js';
import { cancelPacket } from './messages.js';

/** Asks the server, on a second connection, to cancel what runs on the first; like libpq, without encryption. */
export function requestCancel({ host: { host, hostaddr, port, isSocket }, connection }: Connected): Promise<void> {
  const { processId, secretKey } = connection.backendKey;
  const place = isSocket ? { path: `${host}/.s.PGSQL.${port}` } : { host: hostaddr ?? host, port };
  return new Promise((resolve) => {
    const socket = connect(place, () => {
      socket.end(cancelPacket(processId, secretKey));
    });
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
    socket.resume();
  });
}
