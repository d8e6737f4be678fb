import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unusableReason } from './usable.js';

const usable = [
  'x',
  'a\'b"\\$1\n\t%--',
  'pässwörd',
  'pa\u0308ss',
  '\u{1f600}',
  'ﬁ',
  'a\u00a0b',
  '日本語',
  'x'.repeat(5000),
];
const unusable = ['', 'a\0', '\ud83d', '\u00ad', 'ﬁ\u{1f600}', 'a\u00a0b\n', '\u00a0日本'];

for (const password of usable) {
  test(`${JSON.stringify(password).slice(0, 40)} can be a password`, () =>
    assert.equal(unusableReason(password), undefined));
}

for (const password of unusable) {
  test(`${JSON.stringify(password)} cannot be a password`, () => assert.notEqual(unusableReason(password), undefined));
}
