import { endOfBlanks, endOfLine } from './characters.js';

/** Kinds of string literal by what a quote and a backslash mean inside: `b'`/`x'`; `'` and `U&'`; `E'`. */
export type LiteralKind = 'bits' | 'standard' | 'escape';

/** Where a construct ends: the index after it, and whether its end was seen (or only the end of the text). */
export interface Extent {
  readonly end: number;
  readonly closed: boolean;
}

const quote = 39;
const backslash = 92;
const newlines = '\n\r';

/** Reads on in a string literal from inside its quotes. `'a'`, newline, `'b'` is one literal when both are in the text. */
export function scanLiteral(text: string, start: number, kind: LiteralKind): Extent {
  let at = start;
  for (;;) {
    at = kind === 'escape' ? nextUnescapedQuote(text, at) : text.indexOf("'", at);
    if (at === -1) return { end: text.length, closed: false };
    at++;
    if (kind !== 'bits' && text.charCodeAt(at) === quote) {
      at++;
      continue;
    }
    const continued = continuation(text, at);
    if (continued === undefined) return { end: at, closed: true };
    at = continued;
  }
}

/** Index of the next quote that no backslash protects; a backslash at the very end protects nothing. */
function nextUnescapedQuote(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === backslash) at++;
  }
  return -1;
}

/** Index after the quote that continues a literal on a later line of the same text (`quotecontinue` of psqlscan.l). */
function continuation(text: string, start: number): number | undefined {
  let at = endOfBlanks(text, start);
  let lines = text.startsWith('--', at) ? 1 : 0;
  while (text.startsWith('--', at)) at = endOfBlanks(text, endOfLine(text, at));
  if (text.charCodeAt(at) !== quote) return undefined;
  for (let index = start; lines === 0 && index < at; index++) lines = newlines.includes(text[index]!) ? 1 : 0;
  return lines === 0 ? undefined : at + 1;
}

/** Reads on in a quoted identifier; `""` is a quote in it. */
export function scanQuotedIdentifier(text: string, start: number): Extent {
  let at = start;
  for (;;) {
    at = text.indexOf('"', at);
    if (at === -1) return { end: text.length, closed: false };
    at++;
    if (text.charCodeAt(at) !== 34) return { end: at, closed: true };
    at++;
  }
}

const dollarDelimiter = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

/** The delimiter `$tag$` that begins at an index, undefined when what stands there is not one. */
export function dollarDelimiterAt(text: string, at: number): string | undefined {
  dollarDelimiter.lastIndex = at;
  return dollarDelimiter.exec(text)?.[0];
}

/** Reads on in a dollar quote; in `$a$x$b$a$` the last three characters close it, as every `$` may begin the delimiter. */
export function scanDollarQuote(text: string, start: number, delimiter: string): Extent {
  const at = text.indexOf(delimiter, start);
  return at === -1 ? { end: text.length, closed: false } : { end: at + delimiter.length, closed: true };
}

/** Reads on in a comment of `depth` levels; the depth that is left is 0 when it was closed. */
export function scanComment(text: string, start: number, depth: number): { end: number; depth: number } {
  let left = depth;
  let at = start;
  let open = indexOrEnd(text, '/*', at);
  while (left > 0) {
    const close = indexOrEnd(text, '*/', at);
    for (; open < close; open = indexOrEnd(text, '/*', at)) {
      left++;
      at = open + 2;
    }
    if (close === text.length) return { end: close, depth: left };
    if (close < at) continue;
    left--;
    at = close + 2;
    if (open < at) open = indexOrEnd(text, '/*', at);
  }
  return { end: at, depth: left };
}

function indexOrEnd(text: string, sought: string, from: number): number {
  const at = text.indexOf(sought, from);
  return at === -1 ? text.length : at;
}
