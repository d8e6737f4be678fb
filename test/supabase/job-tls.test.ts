import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withClient } from '../../src/postgres/client.js';
import type { Conninfo } from '../../src/postgres/keywords.js';
import { initManifests } from '../../src/supabase/manifests/manifests.js';
import { podScripts } from '../../src/supabase/manifests/scripts.js';
import { makeCertificates, withoutOpenssl } from '../support/certificates.js';
import { withDirectory } from '../support/cluster.js';
import { withTlsServer } from '../support/tls.js';
import { type EndedPod, startPod } from './pod.js';
import { dash, isMissing, podIsImpossible } from './shells.js';

/** Files of certificates by key of the Secret, and what comes of a run with `verify-full`. */
const attempts: readonly (readonly [what: string, files: Readonly<Record<string, string>>, message: RegExp])[] = [
  ['no authority', {}, /cannot connect to localhost\n.*root certificate file ".*" does not exist/],
  ['another authority', { 'ca.crt': 'other.crt' }, /cannot connect to localhost\n.*certificate verify failed/],
  ['no certificate of ours', { 'ca.crt': 'ca.crt' }, /cannot connect to localhost\n[\s\S]*valid client certificate/],
  ['all three', { 'ca.crt': 'ca.crt', 'tls.crt': 'client.crt', 'tls.key': 'client.key' }, /^7 applied, 0 skipped\n/],
];

const skip = podIsImpossible || isMissing('dash') || withoutOpenssl;

test('certificates come from the Secret', { skip }, (t) =>
  withDirectory(async (directory) => {
    await makeCertificates(directory);
    await withTlsServer(directory, async (server) => {
      await withClient(server, (client) => client.query('ALTER ROLE certified SUPERUSER'));
      for (const [index, [what, files, message]] of attempts.entries()) {
        await t.test(`with ${what}`, async () => {
          const pod = join(directory, `pod-${index}`);
          const { terminationMessage, log, status } = await runWith(server, await read(directory, files), pod);
          assert.match(terminationMessage, message, log);
          assert.equal(status, index === attempts.length - 1 ? 0 : 1);
        });
      }
    });
  }),
);

async function runWith(server: Conninfo, certificates: Record<string, string>, directory: string): Promise<EndedPod> {
  const { host = '', port = '', dbname = '' } = server;
  const project = {
    metadata: { name: 'shop' },
    spec: { database: { secretRef: { name: 'db' }, sslMode: 'verify-full' } },
  };
  const db = { host, port, database: dbname, username: 'certified', password: 'not asked for', ...certificates };
  const pod = await startPod(initManifests(project, await podScripts()), { db }, directory, dash(), {
    HOME: '/nonexistent',
  });
  return pod.ended;
}

async function read(directory: string, files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const entries = Object.entries(files).map(async ([key, name]) => [
    key,
    await readFile(join(directory, name), 'utf8'),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}
