import { characterWidth } from '../display-width.js';

/** Columns that are shown of a line, and how many of them at least stand behind the error. */
const displaySize = 60;
const rightMargin = 10;
/** More characters than are ever shown on one side of the error. */
const reach = 2 * displaySize;

interface Character {
  readonly text: string;
  /** Column at which it begins, from 0. */
  readonly column: number;
}

/** The line of a query that holds the character at a 1-based position, and the number of that line. */
interface Line {
  readonly number: number;
  readonly characters: readonly Character[];
  /** Index of the character at the position; one past the last when the position is the line's end. */
  readonly at: number;
}

/**
 * `LINE n: …` and below it a caret under the character at a position, cut to 60 columns (libpq's reportErrorPosition). Nothing
 * when the position is outside the query.
 */
export function positionExcerpt(query: string, position: number): string {
  const line = position < 1 ? undefined : lineAt(query, position - 1);
  if (line === undefined) return '';
  const { begin, end, isCutRight } = cut(line);
  const prefix = `LINE ${line.number}: ${begin > 0 ? '...' : ''}`;
  const shown = line.characters.slice(begin, end).map(({ text }) => (text === '\t' ? ' ' : text));
  const caretColumn = prefix.length + columnOf(line, line.at) - columnOf(line, begin);
  return `${prefix}${shown.join('')}${isCutRight ? '...' : ''}\n${' '.repeat(caretColumn)}^\n`;
}

/** Of a very long line only as much around the position as can possibly be shown. */
function lineAt(query: string, wanted: number): Line | undefined {
  const at = indexOfCharacter(query, wanted);
  if (at === undefined) return undefined;
  const start = Math.max(lastBreak(query, at) + 1, at - 2 * reach);
  const end = endOfLine(query, at, at + 2 * reach);
  const characters = charactersOf(query.slice(start, end));
  return { number: countBreaks(query, at) + 1, characters, at: [...query.slice(start, at)].length };
}

/** Positions count characters, JavaScript counts UTF-16 code units. */
function indexOfCharacter(query: string, wanted: number): number | undefined {
  let at = 0;
  for (let count = 0; count < wanted; count++) {
    if (at >= query.length) return undefined;
    at += query.codePointAt(at)! > 0xffff ? 2 : 1;
  }
  return at;
}

function lastBreak(query: string, before: number): number {
  if (before === 0) return -1;
  return Math.max(query.lastIndexOf('\n', before - 1), query.lastIndexOf('\r', before - 1));
}

function endOfLine(query: string, from: number, limit: number): number {
  const end = query.slice(from, limit).search(/[\r\n]/);
  return end === -1 ? Math.min(limit, query.length) : from + end;
}

/** `\r`, `\n` and `\r\n` each break a line. */
function countBreaks(query: string, before: number): number {
  let count = 0;
  for (let at = 0; at < before; at++) {
    const code = query.charCodeAt(at);
    if (code === 13 || (code === 10 && query.charCodeAt(at - 1) !== 13)) count++;
  }
  return count;
}

function charactersOf(text: string): Character[] {
  let column = 0;
  return [...text].map((character) => {
    const place = { text: character, column };
    column += Math.max(1, characterWidth(character.codePointAt(0)!));
    return place;
  });
}

function columnOf({ characters }: Line, index: number): number {
  const character = characters[index];
  if (character !== undefined) return character.column;
  const last = characters.at(-1);
  return last === undefined ? 0 : last.column + Math.max(1, characterWidth(last.text.codePointAt(0)!));
}

/** Cuts right if that is enough; else right, leaving a margin behind the error, and then left. */
function cut(line: Line): { begin: number; end: number; isCutRight: boolean } {
  const { characters, at } = line;
  const width = (begin: number, end: number) => columnOf(line, end) - columnOf(line, begin);
  let [begin, end] = [0, characters.length];
  if (width(0, end) <= displaySize) return { begin, end, isCutRight: false };
  if (displaySize >= columnOf(line, at) + rightMargin) {
    while (width(0, end) > displaySize) end--;
    return { begin, end, isCutRight: true };
  }
  while (columnOf(line, at) + rightMargin < columnOf(line, end)) end--;
  const isCutRight = end < characters.length;
  while (width(begin, end) > displaySize) begin++;
  return { begin, end, isCutRight };
}
