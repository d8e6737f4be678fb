import { CharacterClass, classAt } from './characters.js';

const word = '[A-Za-z_\\u0080-\\uffff][A-Za-z0-9_$\\u0080-\\uffff]*';
const number = new RegExp(
  `(?:\\d+(?=\\.\\.)|(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]\\d+(?:${word})?|[eE][-+]|${word})?)`,
  'y',
);
const parameter = new RegExp(`\\$\\d+(?:${word})?`, 'y');

/**
 * Index after the number at an index, which a digit or a dot begins. A word glued to a number belongs to it, so that the `e` of
 * `1e'` opens no escape string.
 */
export function endOfNumber(text: string, at: number): number {
  let end = at;
  while (end < text.length && classAt(text, end) === CharacterClass.digit) end++;
  if (end > at && (end === text.length || classAt(text, end) < CharacterClass.dot)) return end;
  return endOfMatch(number, text, at) ?? at + 1;
}

/** Index after the parameter `$1` at an index, undefined when none stands there. */
export function endOfParameter(text: string, at: number): number | undefined {
  return endOfMatch(parameter, text, at);
}

function endOfMatch(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
