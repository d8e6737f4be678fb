import type { ScanHost } from '../host.js';
import { CharacterClass, classAt, endOfBlanks, endOfInsignificant, endOfLine, endOfWord } from './characters.js';
import type { InputStack, Source } from './input.js';
import { endOfNumber, endOfParameter } from './numbers.js';
import type { QueryBuffer } from './query.js';
import { dollarDelimiterAt, scanComment, scanDollarQuote, scanLiteral, scanQuotedIdentifier } from './quotes.js';
import { expandMention, mentionAt } from './variables.js';
import { StatementWords } from './words.js';

/** Why the scanner stopped: a statement's end, a backslash command, or nothing left to read. */
export type Stop = 'semicolon' | 'backslash' | 'end';

/** What is open: nothing, a literal of some kind, a quoted identifier, a dollar quote, or a comment. */
export type Mode = 'sql' | 'bits' | 'standard' | 'escape' | 'identifier' | 'dollar' | 'comment';

/** Literals that a letter before the quote makes special. */
const literalPrefixes: Readonly<Record<string, Mode>> = {
  "b'": 'bits',
  "x'": 'bits',
  "e'": 'escape',
  "u&'": 'standard',
  'u&"': 'identifier',
};

/** Copies SQL from the input into the query buffer, replacing variables, until something ends it (psqlscan.l). */
export class SqlScanner {
  mode: Mode = 'sql';
  parenDepth = 0;
  standardStrings = true;
  readonly words = new StatementWords();
  readonly #input: InputStack;
  readonly #query: QueryBuffer;
  readonly #host: ScanHost;
  #delimiter = '';
  #commentDepth = 0;

  constructor(input: InputStack, query: QueryBuffer, host: ScanHost) {
    this.#input = input;
    this.#query = query;
    this.#host = host;
  }

  /** Forgets everything that is open (psql_scan_reset). */
  reset(): void {
    this.mode = 'sql';
    this.parenDepth = 0;
    this.words.reset();
  }

  scan(): Stop {
    for (;;) {
      const source = this.#input.top;
      const stop = this.#scanSource(source);
      this.#flush(source);
      if (stop !== undefined) return stop;
      if (this.#input.top === source && !this.#input.pop()) return 'end';
    }
  }

  /** Reads until the source is exhausted, a value is pushed in front of its rest, or the scan has to stop. */
  #scanSource(source: Source): Stop | undefined {
    const { length } = source.text;
    while (source.position < length && this.#input.top === source) {
      const stop = this.mode === 'sql' ? this.#scanToken(source) : this.#scanOpen(source);
      if (stop !== undefined) return stop;
    }
    return undefined;
  }

  /** Copies what has been passed over since the last copy. */
  #flush(source: Source): void {
    const { original, mark, position } = source;
    if (mark === position) return;
    this.#query.append(original.slice(mark, position), this.#input.position, this.#input.nested);
    source.mark = position;
  }

  #scanToken(source: Source): Stop | undefined {
    const { text, position } = source;
    switch (classAt(text, position)) {
      case CharacterClass.other:
        source.position = endOfInsignificant(text, position);
        return undefined;
      case CharacterClass.blank:
        return this.#scanBlanks(source);
      case CharacterClass.letter:
        return this.#scanWord(source);
      case CharacterClass.digit:
        source.position = endOfNumber(text, position);
        return undefined;
      case CharacterClass.dot:
        return scanDot(source);
      case CharacterClass.quote:
        return this.#open(source, this.standardStrings ? 'standard' : 'escape', 1);
      case CharacterClass.doubleQuote:
        return this.#open(source, 'identifier', 1);
      case CharacterClass.dollar:
        return this.#scanDollar(source);
      case CharacterClass.dash:
        return this.#scanDash(source);
      case CharacterClass.slash:
        return this.#scanSlash(source);
      case CharacterClass.open:
        this.parenDepth++;
        break;
      case CharacterClass.close:
        this.parenDepth = Math.max(0, this.parenDepth - 1);
        break;
      case CharacterClass.colon:
        return this.#scanColon(source);
      case CharacterClass.backslash:
        return this.#scanBackslash(source);
      case CharacterClass.semicolon:
        return this.#scanSemicolon(source);
    }
    source.position++;
    return undefined;
  }

  #scanBlanks(source: Source): undefined {
    const { text, position, mark } = source;
    if (this.#query.length > 0 || mark < position) source.position = endOfInsignificant(text, position);
    else this.#skip(source, endOfBlanks(text, position));
  }

  /** White space and `--` comments before the first thing of a statement are not sent. */
  #skip(source: Source, end: number): undefined {
    if (this.#query.length === 0 && source.mark === source.position) source.mark = end;
    source.position = end;
  }

  #scanDash(source: Source): undefined {
    if (source.text.charCodeAt(source.position + 1) === 0x2d)
      this.#skip(source, endOfLine(source.text, source.position));
    else source.position++;
  }

  #scanSlash(source: Source): undefined {
    if (source.text.charCodeAt(source.position + 1) !== 0x2a) {
      source.position++;
      return;
    }
    this.#commentDepth = 1;
    this.#open(source, 'comment', 2);
  }

  #open(source: Source, mode: Mode, length: number): undefined {
    this.mode = mode;
    source.position += length;
  }

  #scanWord(source: Source): undefined {
    const { text, position } = source;
    const next = text.charCodeAt(position + 1);
    if ((next === 0x26 || next === 0x27) && this.#scanPrefix(source)) return;
    source.position = endOfWord(text, position);
    if (this.words.see(text, position, source.position, this.parenDepth)) this.#query.copies++;
  }

  /** A single letter glued to a quote or an ampersand; it does not count as a word of the statement. */
  #scanPrefix(source: Source): boolean {
    const { text, position } = source;
    const letter = text[position]!.toLowerCase();
    const written = text.slice(position, position + (letter === 'u' ? 3 : 2)).toLowerCase();
    const mode = literalPrefixes[written];
    if (mode !== undefined) this.#open(source, mode, written.length);
    else if (written === "n'" || written.startsWith('u&')) source.position++;
    else return false;
    return true;
  }

  #scanDollar(source: Source): undefined {
    const { text, position } = source;
    const delimiter = dollarDelimiterAt(text, position);
    if (delimiter === undefined) {
      source.position = endOfParameter(text, position) ?? position + 1;
      return;
    }
    this.#delimiter = delimiter;
    this.#open(source, 'dollar', delimiter.length);
  }

  #scanColon(source: Source): undefined {
    const next = source.text.charCodeAt(source.position + 1);
    const isOperator = next === 0x3a || next === 0x3d;
    const mention = isOperator ? undefined : mentionAt(source);
    if (mention === undefined) source.position += isOperator ? 2 : 1;
    else if (mention.kind === 'plain') this.#pushValue(source, mention.name, mention.end);
    else this.#substitute(source, expandMention(this.#host, mention, this.#input.encoding), mention.end);
  }

  /** The value is read as if it stood in the script; a variable inside its own value is left as it is written. */
  #pushValue(source: Source, name: string, end: number): void {
    const value = this.#host.active() ? this.#host.variable(name) : undefined;
    if (value === undefined || this.#input.isBeingExpanded(name)) {
      if (value !== undefined) this.#host.report('warning', `skipping recursive expansion of variable "${name}"`);
      source.position = end;
      return;
    }
    this.#flush(source);
    source.position = source.mark = end;
    this.#input.push(value, name);
  }

  #substitute(source: Source, replacement: string, end: number): void {
    this.#flush(source);
    this.#query.append(replacement, this.#input.position, true);
    source.position = source.mark = end;
  }

  /** `\;` and `\:` are the characters themselves, without their usual meaning. */
  #scanBackslash(source: Source): Stop | undefined {
    const next = source.text[source.position + 1];
    this.#flush(source);
    source.mark++;
    if (next === ';' || next === ':') {
      if (next === ';') this.words.startStatement();
      source.position += 2;
      return undefined;
    }
    source.position++;
    return 'backslash';
  }

  #scanSemicolon(source: Source): Stop | undefined {
    source.position++;
    if (this.parenDepth > 0 || this.words.bodyDepth > 0) return undefined;
    this.words.startStatement();
    return 'semicolon';
  }

  #scanOpen(source: Source): undefined {
    const closed = this.mode === 'comment' ? this.#scanComment(source) : this.#scanQuoted(source);
    if (closed) this.mode = 'sql';
  }

  #scanQuoted(source: Source): boolean {
    const { text, position } = source;
    const { end, closed } = scanQuoted(text, position, this.mode, this.#delimiter);
    source.position = end;
    return closed;
  }

  #scanComment(source: Source): boolean {
    const { end, depth } = scanComment(source.text, source.position, this.#commentDepth);
    source.position = end;
    this.#commentDepth = depth;
    return depth === 0;
  }
}

function scanQuoted(text: string, start: number, mode: Mode, delimiter: string) {
  if (mode === 'identifier') return scanQuotedIdentifier(text, start);
  if (mode === 'dollar') return scanDollarQuote(text, start, delimiter);
  return scanLiteral(text, start, mode === 'bits' || mode === 'escape' ? mode : 'standard');
}

function scanDot(source: Source): undefined {
  const next = source.text[source.position + 1];
  source.position = next === '.' ? source.position + 2 : endOfNumber(source.text, source.position);
}
