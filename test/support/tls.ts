import { chown, copyFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { withClient } from '../../src/postgres/client.js';
import type { Conninfo } from '../../src/postgres/keywords.js';
import { startedUrl, withWorkingDir } from './cluster.js';

/** Lends a server that listens on a free port of 127.0.0.1 with the directory's certificates. */
export async function withTlsServer(directory: string, use: (server: Conninfo) => Promise<void>): Promise<void> {
  const port = String(await freePort());
  const confFile = join(directory, 'listen.conf');
  await writeFile(confFile, "listen_addresses = '127.0.0.1'\n");
  await withWorkingDir(async (workingDir) => {
    const url = await startedUrl(workingDir, { PG_PORT: port, PG_CONF_FILE: confFile });
    const dataDir = join(workingDir, 'data');
    for (const name of ['server.crt', 'server.key', 'ca.crt']) await giveToServer(join(directory, name), dataDir, name);
    await writeFile(join(dataDir, 'pg_hba.conf'), rules);
    const { user, dbname } = await withClient(url, async (client) => {
      for (const role of ['only_tls', 'no_tls', 'certified']) await client.query(`create role ${role} login`);
      for (const role of ['by_scram', 'plain_scram', 'in_clear'])
        await client.query(`create role ${role} login password 'secret'`);
      await client.query("alter system set ssl_ca_file = 'ca.crt'");
      await client.query('alter system set ssl = on');
      await client.query('select pg_reload_conf()');
      return (await client.query('select user, current_database() as dbname')).rows[0];
    });
    await use({ host: 'localhost', hostaddr: '127.0.0.1', port, user, dbname });
  });
}

const rules = `local all all trust
hostssl all by_scram 127.0.0.1/32 scram-sha-256
hostnossl all plain_scram 127.0.0.1/32 scram-sha-256
hostssl all in_clear 127.0.0.1/32 password
hostssl all certified 127.0.0.1/32 cert
hostssl all no_tls 127.0.0.1/32 reject
hostnossl all only_tls 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
`;

/** The server reads its key only when the key is its own account's. */
async function giveToServer(source: string, dataDir: string, name: string): Promise<void> {
  const { uid, gid } = await stat(dataDir);
  const path = join(dataDir, name);
  await copyFile(source, path);
  await chown(path, uid, gid);
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
