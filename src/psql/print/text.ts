import { characterWidth } from '../display-width.js';

/** A line of a cell as it is shown, and the columns it takes. */
export interface TextLine {
  readonly text: string;
  readonly width: number;
}

const plain = /^[\x20-\x7e]*$/;
const tabSize = 8;

/**
 * A cell as lines to be shown (mbprint.c, pg_wcsformat): split at newlines, tabs expanded, other control characters made visible
 * as `\r`, `\x07`, `\u0085`.
 */
export function layOut(cell: string): TextLine[] {
  if (plain.test(cell)) return [{ text: cell, width: cell.length }];
  return cell.split('\n').map(layOutLine);
}

function layOutLine(line: string): TextLine {
  let text = '';
  let width = 0;
  for (const character of line) {
    const shown = show(character, width);
    text += shown.text;
    width += shown.width;
  }
  return { text, width };
}

function show(character: string, column: number): TextLine {
  if (character === '\r') return { text: '\\r', width: 2 };
  if (character === '\t') {
    const gap = tabSize - (column % tabSize);
    return { text: ' '.repeat(gap), width: gap };
  }
  const code = character.codePointAt(0)!;
  const width = characterWidth(code);
  if (width >= 0) return { text: character, width };
  const digits = code.toString(16).toUpperCase();
  return code < 0x80
    ? { text: `\\x${digits.padStart(2, '0')}`, width: 4 }
    : { text: `\\u${digits.padStart(4, '0')}`, width: 6 };
}

/** The beginning of a shown text that fits into a width, at least one character (mbprint.c's strlen_max_width). */
export function fit(text: string, limit: number): TextLine {
  if (plain.test(text)) {
    const length = Math.min(text.length, Math.max(1, limit));
    return { text: text.slice(0, length), width: length };
  }
  let width = 0;
  let length = 0;
  for (const character of text) {
    const further = characterWidth(character.codePointAt(0)!);
    if (limit < width + further && width !== 0) break;
    width += further;
    length += character.length;
  }
  return { text: text.slice(0, length), width };
}

/** As many blanks as asked for, none when that is negative. */
export function blanks(count: number): string {
  return ' '.repeat(Math.max(0, count));
}
