import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withClient } from '../../src/postgres/client.js';
import { describe } from '../../src/script/errors.js';
import type { Result } from '../../src/script/results.js';
import { runScript, withSession } from '../../src/script/run.js';
import { withCluster, withDirectory } from '../support/cluster.js';

test('scripts run on a real server', async (t) => {
  await withCluster(async ({ url }) => {
    const run = (text: string, options = {}) => runScript({ connection: url, text, name: 'test.sql', ...options });

    await t.test('an error carries its place, its excerpt and the server’s fields', async () => {
      const { status, errors } = await run('select 1;\n\nselect\n  nope\nfrom pg_class;\nselect 2;\n');
      assert.equal(status, 3);
      assert.equal(errors.length, 1);
      const [error] = errors;
      assert.deepEqual(error?.stack, [{ file: 'test.sql', line: 4 }]);
      assert.equal(error?.column, 3);
      assert.equal(error?.sqlstate, '42703');
      assert.match(
        describe(error!),
        /^test\.sql:4:3: column "nope" does not exist \(SQLSTATE 42703\)\n {4}nope\n {4}\^$/m,
      );
    });

    await t.test('an error in an included file names the files around it', async () => {
      await withDirectory(async (directory) => {
        await writeFile(join(directory, 'outer.sql'), '\\echo\n\\ir inner.sql\n');
        await writeFile(join(directory, 'inner.sql'), 'select 1/0;\n');
        const file = join(directory, 'outer.sql');
        const { errors } = await runScript({ connection: url, file });
        assert.deepEqual(errors[0]?.stack, [
          { file, line: 2 },
          { file: join(directory, 'inner.sql'), line: 1 },
        ]);
      });
    });

    await t.test('no statement behind a failure in a transaction takes effect', async () => {
      await run('create table kept (n int);');
      const inserts = Array.from({ length: 400 }, (_, n) => `insert into kept values (${n});`);
      inserts[200] = 'insert into kept values (1/0);';
      const { status, errors } = await run(`begin;\n${inserts.join('\n')}\ncommit;\ninsert into kept values (-1);\n`);
      assert.equal(status, 3);
      assert.equal(errors[0]?.line, 202);
      assert.equal(errors.length, 1);
      const { rows } = await withClient(url, (client) => client.query('select * from kept'));
      assert.deepEqual(rows, []);
    });

    await t.test('with FETCH_COUNT rows are handed on as they arrive', async () => {
      const portions: number[] = [];
      await run('\\set FETCH_COUNT 2\nselect generate_series(1, 5);\n', {
        on: { result: (result: Result) => portions.push(result.kind === 'rows' ? result.rows.length : 0) },
      });
      assert.deepEqual(portions, [2, 2, 1]);
    });

    await t.test('statements get parameters, named ones as often as they like', async () => {
      const rows: unknown[] = [];
      const text = `select $1::int + 1, $2::text \\bind 41 'two words' \\g
select $1 || '!' \\parse shout
\\bind_named shout hey \\g
\\bind_named shout ho \\g
\\close_prepared shout
\\bind_named shout no \\g
`;
      const { errors } = await run(text, {
        on: { result: (result: Result) => result.kind === 'rows' && rows.push(...result.rows) },
      });
      assert.deepEqual(rows, [['42', 'two words'], ['hey!'], ['ho!']]);
      assert.equal(errors[0]?.sqlstate, '26000');
    });

    await t.test('several scripts of one session share variables and the connection', async () => {
      await withSession(url, { variables: { n: '5' } }, async (session) => {
        await runScript({ connection: session, text: 'create temp table mine as select :n as n;\n\\set m 6\n' });
        const { status, errors } = await runScript({
          connection: session,
          text: 'insert into mine values (:m), (:n);\n',
        });
        assert.deepEqual({ status, errors }, { status: 0, errors: [] });
      });
    });

    await t.test('an aborted signal cancels the statement and rejects with its reason', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      setTimeout(() => controller.abort(reason), 100);
      await assert.rejects(run('select pg_sleep(60);', { signal: controller.signal }), reason);
      const { rows } = await withClient(url, (client) =>
        client.query(
          "select 1 from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()",
        ),
      );
      assert.deepEqual(rows, []);
    });

    await t.test('a connection that is lost ends the script with status 2', async () => {
      const { status, errors } = await run('select pg_terminate_backend(pg_backend_pid());\nselect 1;\n');
      assert.equal(status, 2);
      assert.equal(errors[0]?.kind, 'connection');
    });
  });
});
