import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { parseManifest } from './manifest.js';

/** A manifest as the server writes it, its last line made by us. */
function manifest(version: number, files: readonly object[]): string {
  const list = files.map((file) => JSON.stringify(file)).join(',\n');
  const body = `{ "PostgreSQL-Backup-Manifest-Version": ${version},\n"Files": [\n${list}],\n"WAL-Ranges": [],\n`;
  return `${body}"Manifest-Checksum": "${createHash('sha256').update(body).digest('hex')}"}\n`;
}

const one = { Path: 'base/1/é', Size: 3, 'Checksum-Algorithm': 'SHA256', Checksum: 'ab' };

test('a manifest lists files with sizes and checksums, in versions 1 and 2', () => {
  for (const version of [1, 2]) {
    const parsed = parseManifest(manifest(version, [one, { 'Encoded-Path': '612f62', Size: 0 }]));
    assert.deepEqual(
      [...parsed],
      [
        ['base/1/é', { size: 3, checksum: { algorithm: 'SHA256', hex: 'ab' } }],
        ['a/b', { size: 0, checksum: undefined }],
      ],
    );
  }
});

const whole = manifest(2, [one]);

const refusals: readonly [what: string, text: string, message: RegExp][] = [
  ['one that is cut off', whole.slice(0, -40), /is not whole/],
  ['one that was changed', whole.replace('"Size":3', '"Size":4'), /its own checksum/],
  ['one without its checksum', whole.replace(/"Manifest-Checksum".*"/, '"x": 1'), /its own checksum/],
  ['one of the future', manifest(3, [one]), /of version 3/],
  ['an empty one', '', /is not whole/],
  ['other JSON', '{}', /of version undefined/],
];

for (const [what, text, message] of refusals) {
  test(`${what} is refused as a manifest`, () => assert.throws(() => parseManifest(text), message));
}
