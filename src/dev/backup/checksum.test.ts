import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newChecksum } from './checksum.js';

/** Known answers: RFC 3720, appendix B.4, and FIPS 180-2; CRC32C with its lowest byte first, as the manifest has it. */
const cases: readonly [algorithm: string, content: Buffer, hex: string][] = [
  ['CRC32C', Buffer.alloc(32), 'aa36918a'],
  ['CRC32C', Buffer.alloc(32, 0xff), '43aba862'],
  ['CRC32C', Buffer.from('123456789'), '839206e3'],
  ['CRC32C', Buffer.alloc(0), '00000000'],
  ['SHA256', Buffer.from('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
];

for (const [algorithm, content, hex] of cases) {
  test(`${algorithm} of ${content.length} bytes is ${hex.slice(0, 8)}, in whatever pieces they come`, () => {
    for (const size of [1, 3, 8, 100]) {
      const checksum = newChecksum(algorithm);
      for (let at = 0; at < content.length; at += size) checksum?.update(content.subarray(at, at + size));
      assert.equal(checksum?.hex(), hex);
    }
  });
}

test('an unknown algorithm has no checksum', () => assert.equal(newChecksum('MD5'), undefined));
