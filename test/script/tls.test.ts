import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { withClient } from '../../src/postgres/client.js';
import type { Conninfo } from '../../src/postgres/keywords.js';
import { makeCertificates, withoutOpenssl } from '../support/certificates.js';
import { withDirectory } from '../support/cluster.js';
import { withTlsServer } from '../support/tls.js';
import { runOurs } from './conformance.js';

/** How to connect, and what comes of it: whether the connection is encrypted, or why there is none. */
const attempts: readonly (readonly [what: string, given: Conninfo, outcome: boolean | RegExp])[] = [
  ['disable', { sslmode: 'disable' }, false],
  ['allow', { sslmode: 'allow' }, false],
  ['allow, where the server wants TLS', { sslmode: 'allow', user: 'only_tls' }, true],
  ['disable, where the server wants TLS', { sslmode: 'disable', user: 'only_tls' }, /no encryption/],
  ['prefer', { sslmode: 'prefer' }, true],
  ['prefer, where the server wants no TLS', { sslmode: 'prefer', user: 'no_tls' }, false],
  ['require', { sslmode: 'require' }, true],
  [
    'require, and the certificate of another authority',
    { sslmode: 'require', sslrootcert: 'other.crt' },
    /certificate/,
  ],
  ['verify-ca', { sslmode: 'verify-ca', sslrootcert: 'ca.crt' }, true],
  ['verify-ca by another name', { sslmode: 'verify-ca', sslrootcert: 'ca.crt', host: 'elsewhere.example' }, true],
  ['verify-ca, and another authority', { sslmode: 'verify-ca', sslrootcert: 'other.crt' }, /certificate/],
  ['verify-ca without a root certificate', { sslmode: 'verify-ca' }, /root certificate file ".*" does not exist/],
  ['verify-full', { sslmode: 'verify-full', sslrootcert: 'ca.crt' }, true],
  [
    'verify-full by another name',
    { sslmode: 'verify-full', sslrootcert: 'ca.crt', host: 'elsewhere.example' },
    /altnames/,
  ],
  ['verify-full, and another authority', { sslmode: 'verify-full', sslrootcert: 'other.crt' }, /certificate/],
  ['a password over TLS, bound to the channel', { sslmode: 'require', user: 'by_scram', password: 'secret' }, true],
  [
    'channel_binding=require',
    { sslmode: 'require', channel_binding: 'require', user: 'by_scram', password: 'secret' },
    true,
  ],
  [
    'channel_binding=require, where no password is wanted',
    { sslmode: 'require', channel_binding: 'require' },
    /channel binding required, but server authenticated client without/,
  ],
  [
    'channel_binding=require without TLS',
    { sslmode: 'disable', channel_binding: 'require', user: 'plain_scram', password: 'secret' },
    /channel binding required, but server did not offer/,
  ],
  [
    'channel_binding=require, where a password is wanted in clear',
    { sslmode: 'require', channel_binding: 'require', user: 'in_clear', password: 'secret' },
    /channel binding required, but server authenticated client without/,
  ],
  [
    'a client certificate',
    { sslmode: 'require', user: 'certified', sslcert: 'client.crt', sslkey: 'client.key' },
    true,
  ],
  ['no client certificate, where one is wanted', { sslmode: 'require', user: 'certified' }, /valid client certificate/],
];

test('connections are encrypted as sslmode says', { skip: withoutOpenssl }, async (t) => {
  await withDirectory(async (directory) => {
    await makeCertificates(directory);
    await withTlsServer(directory, async (server) => {
      const inDirectory = ({ sslrootcert, sslcert, sslkey, ...given }: Conninfo): Conninfo => {
        const files = Object.entries({ sslrootcert, sslcert, sslkey }).filter(([, name]) => name !== undefined);
        const paths = files.map(([keyword, name]) => [keyword, join(directory, name as string)]);
        return { ...server, ...given, ...Object.fromEntries(paths) };
      };
      for (const [what, given, outcome] of attempts) {
        await t.test(what, async () => {
          const encrypted = withClient(
            inDirectory(given),
            async (client) => (await client.query(isEncrypted)).rows[0].ssl,
            {
              env: { HOME: '/nonexistent' },
            },
          );
          if (typeof outcome === 'boolean') assert.equal(await encrypted, outcome);
          else await assert.rejects(encrypted, outcome);
        });
      }

      await t.test('slipway sql says what is wrong with a certificate and ends with status 2', async () => {
        const { host, hostaddr, port, user, dbname } = server;
        const conninfo = `host=${host} hostaddr=${hostaddr} port=${port} user=${user} dbname=${dbname} sslmode=verify-full`;
        const sql = (root: string) =>
          runOurs(
            ['-X', '-At', '-c', isEncrypted, `${conninfo} sslrootcert='${root.replaceAll(/['\\]/g, '\\$&')}'`],
            { HOME: '/nonexistent' },
            directory,
            '',
          );
        assert.deepEqual(await sql(join(directory, 'ca.crt')), { stdout: 't\n', stderr: '', status: 0 });
        const refused = await sql(join(directory, 'other.crt'));
        assert.equal(refused.status, 2);
        assert.match(refused.stderr, /^slipway: error: connection to server at "localhost".* failed: .*certificate/);
      });
    });
  });
});

const isEncrypted = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
