import { eastAsianWidth } from 'get-east-asian-width';

const nonSpacing = /^[\p{Mn}\p{Me}]$/u;

/**
 * Columns that a character takes on a terminal, as libpq counts them (wchar.c, ucs_wcwidth): 2 for East Asian wide ones, 0 for
 * combining ones and NUL, -1 for control characters.
 */
export function characterWidth(codePoint: number): number {
  if (codePoint < 0x7f) return codePoint >= 0x20 ? 1 : codePoint === 0 ? 0 : -1;
  if (codePoint < 0xa0) return -1;
  if (codePoint < 0x300) return 1;
  if (nonSpacing.test(String.fromCodePoint(codePoint))) return 0;
  return eastAsianWidth(codePoint);
}
