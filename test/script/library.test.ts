import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { withCluster, withDirectory } from '../support/cluster.js';

const root = new URL('../../../', import.meta.url);

test('the example of the documentation prints what the documentation says', async () => {
  const page = await readFile(new URL('docs/sql.md', root), 'utf8');
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const [, shown = ''] = /error with its place:\n\n([\s\S]*?)\n\n/.exec(page) ?? [];
  await withCluster(async ({ url }) => {
    await withDirectory(async (directory) => {
      const file = join(directory, 'example.mjs');
      await writeFile(file, example.replace("'slipway'", JSON.stringify(new URL('dist/src/index.js', root).href)));
      const { stdout } = await promisify(execFile)(process.execPath, [file], {
        env: { ...process.env, DATABASE_URL: url },
      });
      assert.equal(stdout.slice(stdout.indexOf('3 4')), `3 4\n${shown.replace(/^ {4}/gm, '')}\n`);
      assert.match(stdout, /^runs create temp table item/);
    });
  });
});
