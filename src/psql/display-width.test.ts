import assert from 'node:assert/strict';
import { test } from 'node:test';
import { characterWidth } from './display-width.js';

const widths: readonly [what: string, codePoint: number, width: number][] = [
  ['NUL', 0, 0],
  ['a control character', 7, -1],
  ['a letter', 0x61, 1],
  ['DEL', 0x7f, -1],
  ['a C1 control character', 0x85, -1],
  ['a no-break space', 0xa0, 1],
  ['a soft hyphen', 0xad, 1],
  ['an accented letter', 0xe9, 1],
  ['a combining acute accent', 0x301, 0],
  ['a CJK ideograph', 0x6c34, 2],
  ['a fullwidth letter', 0xff21, 2],
  ['a halfwidth katakana', 0xff71, 1],
  ['an emoji', 0x1f600, 2],
  ['a combining mark that is wide too', 0x3099, 0],
];
for (const [what, codePoint, width] of widths)
  test(`display width: ${what} takes ${width}`, () => assert.equal(characterWidth(codePoint), width));
