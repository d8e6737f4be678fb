import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mask } from './mask.js';

const masks: readonly [encoding: string | undefined, text: string, masked: string][] = [
  [undefined, '\x95\\', '\x95\\'],
  ['UTF8', '表\\', '表\\'],
  ['LATIN1', '\xe9\\', '\xe9\\'],
  ['EUC_JP', '\xc9\xbd\\', '\xc9\xbd\\'],
  ['SJIS', "'\x95\\'", "'\x95\xff'"],
  ['SJIS', '\xb1\\', '\xb1\\'],
  ['SHIFT_JIS_2004', '\x95\\', '\x95\xff'],
  ['BIG5', '\xa4\\;', '\xa4\xff;'],
  ['GBK', "\x81'\x81", '\x81\xff\x81'],
  ['UHC', '\x81A', '\x81\xff'],
  ['GB18030', '\x810\x810\\', '\x81\xff\xff\xff\\'],
  ['GB18030', '\x81\\\\', '\x81\xff\\'],
  ['JOHAB', '\x8f\\\\\\', '\x8f\xff\xff\\'],
];
for (const [encoding, text, masked] of masks)
  test(`lexer: ${JSON.stringify(text)} in ${encoding} is lexed as ${JSON.stringify(masked)}`, () =>
    assert.equal(mask(text, encoding), masked));
