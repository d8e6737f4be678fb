import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificates, withoutOpenssl } from '../support/certificates.js';
import { withDirectory } from '../support/cluster.js';
import { withVaultStandIn } from '../support/vault.js';
import { lookUpOne } from './lookup.js';

const client = { VAULT_CLIENT_CERT: 'client.crt', VAULT_CLIENT_KEY: 'client.key' };
const notReached = /^failed: cannot reach Vault at https:\/\/localhost:\d+: /;
/** Past TLS, Vault says that the engine is not there. */
const reached = /^failed: Vault refuses GET nowhere/;

/** The environment, with the names of files for their paths, and what comes of it; Vault wants a client's certificate. */
const cases: readonly (readonly [what: string, env: Record<string, string>, expected: RegExp])[] = [
  ['the right authority and certificate', { VAULT_CACERT: 'ca.crt', ...client }, reached],
  ['the authority in bytes', { VAULT_CACERT_BYTES: 'BYTES', ...client }, reached],
  ['a directory of authorities', { VAULT_CAPATH: 'authorities', ...client }, reached],
  ['no check at all', { VAULT_SKIP_VERIFY: 'true', ...client }, reached],
  ['the name in the certificate', { VAULT_CACERT: 'ca.crt', VAULT_TLS_SERVER_NAME: 'localhost', ...client }, reached],
  ['no authority', client, notReached],
  ['another authority', { VAULT_CACERT: 'other.crt', ...client }, notReached],
  ['another name', { VAULT_CACERT: 'ca.crt', VAULT_TLS_SERVER_NAME: 'elsewhere.example', ...client }, notReached],
  ['no certificate of the client', { VAULT_CACERT: 'ca.crt' }, notReached],
  [
    'a certificate that is none',
    { VAULT_CACERT: 'ca.crt', VAULT_CLIENT_CERT: 'client.key', VAULT_CLIENT_KEY: 'client.key' },
    /^failed: /,
  ],
];

test('connections to Vault are secured as the VAULT_* variables say', { skip: withoutOpenssl }, (t) =>
  withDirectory(async (directory) => {
    await makeCertificates(directory);
    await mkdir(join(directory, 'authorities'));
    for (const name of ['ca.crt', 'other.crt'])
      await copyFile(join(directory, name), join(directory, 'authorities', name));
    const read = (name: string) => readFile(join(directory, name), 'utf8');
    const [ca, cert, key] = await Promise.all(['ca.crt', 'server.crt', 'server.key'].map(read));
    await withVaultStandIn(
      async (vault) => {
        for (const [what, given, expected] of cases) {
          await t.test(what, async () => {
            const env = { VAULT_ADDR: vault.address, VAULT_TOKEN: vault.token, ...inPlace(given, directory, `${ca}`) };
            assert.match(await lookUpOne('{ vault: a, mount: nowhere }', { env }), expected);
          });
        }
        await t.test('what the services file says wins', async () => {
          const head = 'vault: { caCert: ca.crt, clientCert: client.crt, clientKey: client.key }';
          const env = { VAULT_ADDR: vault.address, VAULT_TOKEN: vault.token, VAULT_CACERT: '/nonexistent' };
          assert.match(await lookUpOne('{ vault: a, mount: nowhere }', { head, env, directory }), reached);
        });
      },
      { ca, cert, key, requestCert: true, rejectUnauthorized: true },
    );
  }),
);

function inPlace(env: Record<string, string>, directory: string, ca: string): Record<string, string> {
  const path = (value: string) => (/\.(crt|key)$|^authorities$/.test(value) ? join(directory, value) : value);
  const values = Object.entries(env).map(([name, value]) => [name, value === 'BYTES' ? ca : path(value)]);
  return Object.fromEntries(values);
}
