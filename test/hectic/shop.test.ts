import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServer, systemBinDir } from './server.js';

const run = promisify(execFile);
const shop = fileURLToPath(new URL('../../../examples/shop', import.meta.url));
const binDir = systemBinDir();

test('examples/shop is plain psql once the bundle is there, and its tests pass', {
  skip: binDir === undefined && 'no server with psql is installed',
}, async (t) => {
  const server = await startServer({ binDir: binDir as string });
  await server.withDatabase(async ({ name }) => {
    const psql = async (...args: string[]) => {
      const options = [
        '-X',
        '-q',
        '-h',
        server.host,
        '-p',
        `${server.port}`,
        '-U',
        server.user,
        '-d',
        name,
        '-v',
        'ON_ERROR_STOP=1',
      ];
      return (await run(join(binDir as string, 'psql'), [...options, ...args], { cwd: shop })).stdout;
    };
    await psql('-v', 'USE_MOCK=1', '-f', 'db/src/entrypoint.sql');
    await psql('-f', 'test-data.sql', '-f', 'test-data.sql');
    const files = (await readdir(join(shop, 'db/test'), { recursive: true })).filter((file) =>
      /(^|\.)test\.sql$/.test(file),
    );
    assert.equal(files.length, 7);
    for (const file of files) {
      await t.test(file, async () => {
        const output = await psql('-A', '-t', '-f', join('db/test', file));
        assert.doesNotMatch(output, /^not ok/m);
        const planned = /^1\.\.(\d+)$/m.exec(output)?.[1] ?? '0';
        assert.equal(output.match(/^ok /gm)?.length ?? 0, Number(planned));
      });
    }
  });
});
