/** A `\copy` command, taken apart. */
export interface CopyCommand {
  /** Table with its columns, or query, as written: what stands before FROM or TO. */
  readonly subject: string;
  readonly direction: 'from' | 'to';
  readonly place: CopyPlace;
  /** Options as written: what stands behind the place. */
  readonly options: string;
}

export type CopyPlace =
  | { readonly kind: 'file' | 'program'; readonly name: string }
  /** The script itself, or the query output. */
  | { readonly kind: 'script' }
  /** The process's own standard input or output. */
  | { readonly kind: 'process' };

/** The text at which a `\copy` cannot be understood; undefined for the end of the line. */
export class CopySyntaxError extends Error {
  readonly token: string | undefined;
  constructor(token: string | undefined) {
    super(token === undefined ? 'parse error at end of line' : `parse error at "${token}"`);
    this.token = token;
  }
}

/** Reads what follows `\copy`, up to the end of the line (copy.c, parse_slash_copy). Throws a CopySyntaxError. */
export function parseCopyCommand(text: string, standardStrings: boolean): CopyCommand {
  const tokens = new Tokens(text);
  const subject = readSubject(tokens, standardStrings ? '' : '\\');
  const direction = tokens.current.toLowerCase();
  if (direction !== 'from' && direction !== 'to') throw new CopySyntaxError(tokens.current);
  tokens.next(';', "'");
  const place = readPlace(tokens);
  return { subject, direction, place, options: tokens.rest };
}

/** Leaves the word FROM or TO as the current token. */
function readSubject(tokens: Tokens, escaping: string): string {
  const words: string[] = [];
  tokens.next('.,()', '"');
  if (tokens.current.toLowerCase() === 'binary') {
    words.push(tokens.current);
    tokens.next('.,()', '"');
  }
  words.push(tokens.current.startsWith('(') ? readQuery(tokens, escaping) : tokens.current);
  tokens.next('.,()', '"');
  if (tokens.current === '.') {
    words.push(`${words.pop()}.${tokens.next('.,()', '"')}`);
    tokens.next('.,()', '"');
  }
  if (tokens.current === '(') words.push(readColumns(tokens));
  return ` ${words.join(' ')}`;
}

/** A query in parentheses, which may hold more of them. */
function readQuery(tokens: Tokens, escaping: string): string {
  const words: string[] = [];
  for (let depth = 1; depth > 0; ) {
    words.push(tokens.current);
    const token = tokens.next('()', '"\'', escaping, true);
    if (token === '(') depth++;
    else if (token === ')') depth--;
  }
  return [...words, tokens.current].join(' ');
}

function readColumns(tokens: Tokens): string {
  const words: string[] = [];
  do words.push(tokens.current);
  while (tokens.next('()', '"') !== ')');
  words.push(tokens.current);
  tokens.next('.,()', '"');
  return words.join(' ');
}

function readPlace(tokens: Tokens): CopyPlace {
  const { current } = tokens;
  switch (current.toLowerCase()) {
    case 'program':
      return { kind: 'program', name: quotedCommand(tokens.next(';', "'")) };
    case 'stdin':
    case 'stdout':
      return { kind: 'script' };
    case 'pstdin':
    case 'pstdout':
      return { kind: 'process' };
    default:
      return { kind: 'file', name: withoutQuotes(current) };
  }
}

function quotedCommand(token: string): string {
  if (!/^'[\s\S]*'$/.test(token) || token.length < 2) throw new CopySyntaxError(token);
  return withoutQuotes(token);
}

function withoutQuotes(token: string): string {
  return token.startsWith("'") ? token.replace(/^'|'$/g, '').replaceAll("''", "'") : token;
}

/** psql's stringutils.c, strtokx: words between blanks, single delimiters, quoted words with their quotes. */
class Tokens {
  current = '';
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get rest(): string {
    return this.#text.slice(this.#at);
  }

  next(delimiters: string, quotes: string, escaping = '', escapeStrings = false): string {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at++;
    const start = this.#at;
    const first = this.#text[start];
    if (first === undefined) throw new CopySyntaxError(undefined);
    const isEscapeString = escapeStrings && /[eE]/.test(first) && this.#text[start + 1] === "'";
    if (delimiters.includes(first)) this.#at++;
    else if (isEscapeString) this.#at = this.#endOfQuoted(start + 1, '\\');
    else if (quotes.includes(first)) this.#at = this.#endOfQuoted(start, escaping);
    else while (this.#isBare(delimiters, quotes)) this.#at++;
    this.current = this.#text.slice(start, this.#at);
    return this.current;
  }

  #isBare(delimiters: string, quotes: string): boolean {
    const character = this.#text[this.#at];
    return character !== undefined && !` \t\n\r${delimiters}${quotes}`.includes(character);
  }

  #endOfQuoted(start: number, escaping: string): number {
    const quote = this.#text[start];
    for (let at = start + 1; at < this.#text.length; at++) {
      const character = this.#text[at];
      if (character === escaping) at++;
      else if (character === quote && this.#text[at + 1] === quote) at++;
      else if (character === quote) return at + 1;
    }
    return this.#text.length;
  }
}
