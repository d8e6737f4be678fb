import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Cluster } from '../../src/cluster/cluster.js';
import { withClient } from '../../src/postgres/client.js';
import { ConnectionError } from '../../src/postgres/errors.js';
import { withCluster, withDirectory } from '../support/cluster.js';
import { runOurs } from './conformance.js';

/** Roles that have to give a password, and the kind of verifier that the server keeps of it. */
const roles = { by_scram: 'scram-sha-256', by_md5: 'md5' } as const;
const password = "pass:w\\ord 'quoted' ü";

test('a server that asks for a password gets it', async (t) => {
  await withCluster(async (cluster) => {
    await requirePasswords(cluster);
    const { host, port, database: dbname } = cluster;
    for (const [user, method] of Object.entries(roles)) {
      const place = { host, port: String(port), user, dbname };
      const asUser = (given: { password?: string }, env = {}) =>
        withClient({ ...place, ...given }, async (client) => (await client.query('select user')).rows[0].user, { env });
      const sql = (env: Readonly<Record<string, string>>) =>
        runOurs(['-X', '-At', '-c', 'select user'], environment({ ...place, ...env }), '/', '');

      await t.test(`${method}: withClient with a password`, async () => {
        assert.equal(await asUser({ password }), user);
      });

      await t.test(`${method}: withClient with a wrong one, which no message shows`, async () => {
        await assert.rejects(asUser({ password: 'not-this-one' }), (error) => {
          assert.ok(error instanceof ConnectionError);
          assert.equal(error.sqlstate, '28P01');
          assert.match(error.message, new RegExp(`password authentication failed for user "${user}"`));
          assert.doesNotMatch(error.message, /not-this-one/);
          return true;
        });
      });

      await t.test(`${method}: slipway sql with PGPASSWORD`, async () => {
        assert.deepEqual(await sql({ PGPASSWORD: password }), { stdout: `${user}\n`, stderr: '', status: 0 });
      });

      await t.test(`${method}: slipway sql with a password file`, async () => {
        await withDirectory(async (home) => {
          const line = ['*', port, dbname, user, password.replace(/[\\:]/g, '\\$&')].join(':');
          await writeFile(join(home, '.pgpass'), `# passwords\nelsewhere:*:*:*:no\n${line}\n`, { mode: 0o600 });
          assert.deepEqual(await sql({ HOME: home }), { stdout: `${user}\n`, stderr: '', status: 0 });
          await chmod(join(home, '.pgpass'), 0o644);
          const { status, stderr } = await sql({ HOME: home });
          assert.equal(status, 2);
          assert.match(stderr, /has group or world access.*\n.*no password supplied/);
        });
      });

      await t.test(`${method}: slipway sql with a wrong password ends with status 2 and does not show it`, async () => {
        const { status, stdout, stderr } = await sql({ PGPASSWORD: 'not-this-one' });
        assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
        assert.match(
          stderr,
          /^slipway: error: connection to server .* failed: FATAL: {2}password authentication failed/,
        );
        assert.doesNotMatch(stderr, /not-this-one/);
      });

      await t.test(`${method}: slipway sql without a password ends with status 2`, async () => {
        const { status, stderr } = await sql({});
        assert.equal(status, 2);
        assert.match(stderr, /fe_sendauth: no password supplied/);
      });

      await t.test(`${method}: the password that \\password sets opens the door afterwards`, async () => {
        const renewed = `new ${password}`;
        const env = environment({ ...place, PGPASSWORD: password });
        const ended = await runOurs(['-X', '-c', '\\password'], env, '/', `${renewed}\n${renewed}\n`);
        assert.equal(ended.status, 0, ended.stderr);
        assert.ok(!`${ended.stdout}${ended.stderr}`.includes(renewed));
        assert.equal(await asUser({ password: renewed }), user);
        await assert.rejects(asUser({ password }), /password authentication failed/);
      });
    }
  });
});

/** Makes the roles, and has the server ask them, and nobody else, for their passwords. */
async function requirePasswords({ url, dataDir }: Cluster): Promise<void> {
  const path = join(dataDir, 'pg_hba.conf');
  const asks = Object.entries(roles).map(([role, method]) => `local all ${role} ${method}\n`);
  await writeFile(path, `${asks.join('')}${await readFile(path, 'utf8')}`);
  await withClient(url, async (client) => {
    for (const [role, method] of Object.entries(roles)) {
      await client.query(`set password_encryption = '${method}'`);
      await client.query(`create role ${role} login password ${client.escapeLiteral(password)}`);
    }
    await client.query('select pg_reload_conf()');
  });
}

function environment({ host, port, user, dbname, ...more }: Record<string, string>): NodeJS.ProcessEnv {
  return { HOME: '/nonexistent', PGHOST: host, PGPORT: port, PGUSER: user, PGDATABASE: dbname, ...more };
}
