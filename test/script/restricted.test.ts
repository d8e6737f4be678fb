import assert from 'node:assert/strict';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runScript } from '../../src/script/run.js';
import { withCluster, withDirectory } from '../support/cluster.js';

/** What a restricted script may not do, and what is said about it. */
const forbidden: readonly (readonly [script: string, message: RegExp])[] = [
  ['\\! touch made', /shell commands are not allowed/],
  ['\\set x `touch made`', /shell commands are not allowed/],
  ["\\copy (select 1) to 'made'", /\\copy with a file is not allowed/],
  ["\\copy (select 1) to program 'touch made'", /\\copy with a program is not allowed/],
  ['\\o made', /writing to files and commands is not allowed/],
  ['select 1\n\\w made', /writing to files and commands is not allowed/],
  ['select 1 \\g made', /writing to files and commands is not allowed/],
  ['select 1 \\g | touch made', /writing to files and commands is not allowed/],
  ['\\cd ..', /changing the directory is not allowed/],
  ['\\setenv PATH /', /changing the environment is not allowed/],
  ['\\i other.sql', /may not include files/],
];

test('a restricted script reaches neither shell nor files', async (t) => {
  await withCluster(async ({ url }) => {
    await withDirectory(async (cwd) => {
      await writeFile(join(cwd, 'other.sql'), 'select 1;');
      for (const [text, message] of forbidden) {
        await t.test(text, async () => {
          const { errors } = await runScript({ connection: url, text: `${text}\n`, restricted: true, cwd });
          assert.match(errors[0]?.message ?? '', message);
          await assert.rejects(access(join(cwd, 'made')));
        });
      }

      await t.test('it may include files from under a given root, and only those', async () => {
        const restricted = { includeRoot: cwd };
        const inside = await runScript({ connection: url, text: '\\i other.sql\n', restricted, cwd });
        assert.equal(inside.status, 0);
        const outside = await runScript({ connection: url, text: '\\i /etc/hostname\n', restricted, cwd });
        assert.match(outside.errors[0]?.message ?? '', /may not include files from outside/);
      });

      await t.test('its SQL and its in-line data work', async () => {
        const text = 'create temp table a (n int);\ncopy a from stdin;\n1\n\\.\nselect n from a \\gset\n\\echo :n\n';
        const { status } = await runScript({ connection: url, text, restricted: true, cwd });
        assert.equal(status, 0);
      });
    });
  });
});
