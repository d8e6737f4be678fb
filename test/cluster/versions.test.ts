import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBinaries } from '../../src/cluster/binaries.js';
import { postgresInit, query, startedUrl, withWorkingDir } from '../support/cluster.js';

const system = await findBinaries('system', '/nonexistent', process.env).catch(() => undefined);
const embedded = await findBinaries(undefined, '/nonexistent', process.env);
const skip = system === undefined && 'no PostgreSQL 14 to 18 is installed on this system';
const both = skip || (system?.major === embedded.major && "the system's PostgreSQL has the embedded one's version");

test('PG_BIN_DIR=system uses the newest PostgreSQL of the system', { skip }, () =>
  withWorkingDir(async (dir) => {
    const env = { PG_BIN_DIR: 'system', PG_SHARED_PRELOAD_LIBRARIES: undefined };
    const url = await startedUrl(dir, env);
    assert.match(
      String(await query(url, 'SHOW server_version')),
      new RegExp(`^${system?.version.replaceAll('.', '\\.')}`),
    );
    await query(url, 'CREATE TABLE kept ()');
    assert.equal(await query(await startedUrl(dir, { ...env, PG_REUSE: '1' }), "SELECT to_regclass('kept')"), 'kept');
  }),
);

test(
  'a cluster of the system is refused by the embedded server on reuse, and replaced by a fresh start',
  { skip: both },
  () =>
    withWorkingDir(async (dir) => {
      await query(await startedUrl(dir, { PG_BIN_DIR: 'system' }), 'CREATE TABLE kept ()');
      const refused = await postgresInit(dir, { PG_BIN_DIR: undefined, PG_REUSE: '1' });
      assert.equal(refused.status, 2);
      assert.match(
        refused.stderr,
        new RegExp(`is of PostgreSQL ${system?.major}, but the server is ${embedded.version}`),
      );
      const kept = await startedUrl(dir, { PG_BIN_DIR: 'system', PG_REUSE: '1' });
      assert.equal(await query(kept, "SELECT to_regclass('kept')"), 'kept');
      const fresh = await startedUrl(dir, { PG_BIN_DIR: undefined });
      assert.match(String(await query(fresh, 'SHOW server_version')), new RegExp(`^${embedded.version}`));
    }),
);
