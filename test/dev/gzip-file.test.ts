import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { GzipFile } from '../../src/dev/backup/gzip-file.js';
import { withDirectory } from '../support/cluster.js';

const mebibyte = 1 << 20;

/** Sizes on both sides of the blocks that are compressed on their own, in pieces of a size. */
const cases = [0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 7 * mebibyte + 5];

for (const size of cases) {
  test(`${size} bytes come back from gunzip as they were`, () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'x.gz');
      const half = Math.floor(size / 2);
      const content = Buffer.concat([randomBytes(half), Buffer.alloc(size - half)]);
      const pieces = Array.from({ length: Math.ceil(size / 65_536) }, (_, at) =>
        content.subarray(at * 65_536, (at + 1) * 65_536),
      );
      await pipeline(Readable.from(pieces), new GzipFile(file));
      assert.ok(gunzipSync(await readFile(file)).equals(content));
    }));
}

test('a file that cannot be made is an error of the stream', () =>
  assert.rejects(pipeline(Readable.from([Buffer.from('x')]), new GzipFile('/no/such/x.gz')), { code: 'ENOENT' }));
