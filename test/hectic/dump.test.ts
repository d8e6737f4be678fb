import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { applyBundle } from '../../src/hectic/apply.js';
import { ensureSecretKey, secretKeyFileName } from '../../src/hectic/key-file.js';
import { loadSecrets } from '../../src/hectic/secrets.js';
import { withDirectory } from '../support/cluster.js';
import { startServer, systemBinDir } from './server.js';

const run = promisify(execFile);

const binDir = systemBinDir();

test(
  'a plain dump holds neither key nor clear text, and restores into a new database',
  {
    skip: binDir === undefined && 'no server with pg_dump and psql is installed',
  },
  () =>
    withDirectory(async (directory) => {
      const server = await startServer({ binDir: binDir as string });
      const target = ['-h', server.host, '-p', `${server.port}`, '-U', server.user];
      await ensureSecretKey(server.dataDir);
      const key = (await readFile(join(server.dataDir, secretKeyFileName), 'utf8')).trim();
      const dump = join(directory, 'dump.sql');
      await server.withDatabase(async ({ name, client }) => {
        await loadSecrets(client, 'A=hunter2');
        await client.query(`
      CREATE TABLE frozen (id int) INHERITS (hectic.created_at, hectic.updated_at, hectic.immutable);
      CREATE TABLE p (id int, created_at timestamptz NOT NULL DEFAULT now()) PARTITION BY RANGE (id);
      CREATE TABLE p1 PARTITION OF p DEFAULT;
      BEGIN; SET LOCAL hectic.migration_mode = 'on'; INSERT INTO frozen VALUES (DEFAULT, DEFAULT, 1); COMMIT`);
        await run(join(binDir as string, 'pg_dump'), [...target, '-f', dump, name]);
      });
      const text = await readFile(dump, 'utf8');
      assert.doesNotMatch(text, new RegExp(`${key}|hunter2|${Buffer.from('hunter2').toString('hex')}`));
      await server.withDatabase(
        async ({ name, client }) => {
          await run(join(binDir as string, 'psql'), [...target, '-X', '-v', 'ON_ERROR_STOP=1', '-f', dump, name]);
          assert.equal((await client.query("SELECT hectic.get_secret('A') AS value")).rows[0].value, 'hunter2');
          assert.equal((await client.query('SELECT * FROM frozen')).rowCount, 1);
          await assert.rejects(client.query('DELETE FROM frozen'), /is immutable/);
          await assert.rejects(client.query('CREATE TABLE bare (id int)'), /does not inherit/);
          assert.equal(await applyBundle(client), 'renewed');
        },
        { empty: true },
      );
    }),
);
