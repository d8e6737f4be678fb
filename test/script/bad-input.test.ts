import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConnectionError } from '../../src/postgres/errors.js';
import { runScript } from '../../src/script/run.js';
import { withCluster, withDirectory } from '../support/cluster.js';

test('input that is no good gets an answer that names it', async (t) => {
  await withCluster(async ({ url }) => {
    const run = (text: string | Buffer) =>
      withDirectory(async (cwd) => {
        await writeFile(join(cwd, 's.sql'), text);
        await writeFile(join(cwd, 'other.sql'), '\\ir s.sql\n');
        return runScript({ connection: url, file: 's.sql', cwd });
      });

    await t.test('a binary file', async () => {
      const { status, errors } = await run(Buffer.from('select 1;\n\0\x01\n'));
      assert.equal(status, 1);
      assert.match(errors[0]?.message ?? '', /zero byte/);
      assert.equal(errors[0]?.line, 2);
    });

    await t.test('files that include one another', async () => {
      const { status, errors } = await run('\\ir other.sql\n');
      assert.equal(status, 3);
      assert.match(errors[0]?.message ?? '', /nested 400 deep.* > other\.sql:1 > s\.sql:1/);
    });

    await t.test('ten thousand nested ifs', async () => {
      const { status } = await run(`${'\\if true\n'.repeat(10_000)}select 1;\n${'\\endif\n'.repeat(10_000)}`);
      assert.equal(status, 0);
    });

    await t.test('a line of ten million characters', async () => {
      const { status } = await run(`select length('${'x'.repeat(1e7)}');\n`);
      assert.equal(status, 0);
    });

    await t.test('a file that is not there', async () => {
      const { status, errors } = await runScript({ connection: url, file: '/nowhere/s.sql' });
      assert.equal(status, 1);
      assert.equal(errors[0]?.message, '/nowhere/s.sql: No such file or directory');
    });

    await t.test('a server that is not there', async () => {
      const missing = runScript({ connection: 'host=/nowhere user=u', text: 'select 1;' });
      await assert.rejects(
        missing,
        (error) => error instanceof ConnectionError && /on socket "\/nowhere\//.test(error.message),
      );
    });

    await t.test('a connection that is cut while data are sent', async () => {
      const rows = 'x\n'.repeat(1000);
      const cut = `create temp table a (t text);\nselect pg_backend_pid() as pid \\gset\nselect pg_terminate_backend(:pid)\\; copy a from stdin;\n${rows}\\.\n`;
      const { status, errors } = await run(cut);
      assert.equal(status, 2);
      assert.equal(errors.at(-1)?.kind, 'connection');
    });
  });
});
