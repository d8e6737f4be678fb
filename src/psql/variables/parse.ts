/** Words that a Boolean value may abbreviate, with the fewest letters that tell them apart (`o` is neither on nor off). */
const words: readonly (readonly [word: string, least: number, value: boolean])[] = [
  ['true', 1, true],
  ['false', 1, false],
  ['yes', 1, true],
  ['no', 1, false],
  ['on', 2, true],
  ['off', 2, false],
  ['1', 1, true],
  ['0', 1, false],
];

/** A Boolean as psql reads it everywhere (ParseVariableBool); undefined when it is none. */
export function parseBoolean(text: string): boolean | undefined {
  const written = text.toLowerCase();
  return words.find(([word, least]) => written.length >= least && word.startsWith(written))?.[2];
}

/** What psql says when `parseBoolean` fails; `name` is a variable or a place such as `\if expression`. */
export function booleanExpected(text: string, name: string): string {
  return `unrecognized value "${text}" for "${name}": Boolean expected`;
}

const integer = /^[ \t\n\v\f\r]*([-+]?)(0[xX][0-9a-fA-F]+|[0-9]+)$/;

/** A 32-bit integer in C's notation, so also octal and hexadecimal (ParseVariableNum); undefined when it is none. */
export function parseInteger(text: string): number | undefined {
  const match = integer.exec(text);
  if (match === null) return undefined;
  const value = magnitude(match[2]!) * (match[1] === '-' ? -1 : 1);
  return value >= -(2 ** 31) && value < 2 ** 31 ? value : undefined;
}

function magnitude(digits: string): number {
  if (/^0[xX]/.test(digits)) return Number.parseInt(digits, 16);
  if (!digits.startsWith('0')) return Number.parseInt(digits, 10);
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

export function isVariableName(name: string): boolean {
  return /^[A-Za-z0-9_\u0080-\uffff]+$/.test(name);
}
