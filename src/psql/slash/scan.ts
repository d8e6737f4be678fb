import type { ScanHost } from '../host.js';
import type { InputStack, Source } from '../lexer/input.js';
import { expandMention, mentionAt } from '../lexer/variables.js';
import type { Argument, ArgumentKind } from './argument.js';
import { quotedPiece, unescapePiece } from './escapes.js';
import { quoteShellWord } from './shell.js';

/** Where in an argument the scan is. */
type State = 'start' | 'bare' | 'single' | 'double' | 'backtick' | 'line';

const bareText = /[^ \t\n\r\f\\'"`:]+/y;
const backtickText = /[^`:]+/y;
const blanks = /[ \t\n\r\f]+/y;

/** Reads one argument of a backslash command from the input (psqlscanslash.l). */
export class ArgumentScan {
  /** What has been read of the argument. */
  text = '';
  quote: Argument['quote'] = '';
  state: State;
  /** Index in `text` from which on nothing is quoted. */
  bareFrom = 0;
  #commandFrom = 0;
  readonly #input: InputStack;
  readonly #host: ScanHost;
  readonly #kind: ArgumentKind;

  constructor(input: InputStack, host: ScanHost, kind: ArgumentKind) {
    this.#input = input;
    this.#host = host;
    this.#kind = kind;
    this.state = kind === 'whole-line' ? 'line' : 'start';
  }

  /** Reads on; a returned string is a shell command whose output is to be given to `setOutput` before reading on again. */
  run(): string | undefined {
    for (;;) {
      const source = this.#input.top;
      if (source.position >= source.text.length) {
        if (!this.#input.pop()) return undefined;
        continue;
      }
      const step = this.#step(source);
      source.mark = source.position;
      if (step === 'end') return undefined;
      if (step === 'shell') return this.text.slice(this.#commandFrom);
    }
  }

  /** The output of a shell command takes the command's place. */
  setOutput(output: string): void {
    this.text = this.text.slice(0, this.#commandFrom) + output;
    this.bareFrom = this.text.length;
  }

  #step(source: Source): 'end' | 'shell' | undefined {
    switch (this.state) {
      case 'start':
        return this.#start(source);
      case 'bare':
        return this.#bare(source);
      case 'single':
        return this.#single(source);
      case 'double':
        return this.#double(source);
      case 'backtick':
        return this.#backtick(source);
      case 'line':
        return this.#line(source);
    }
  }

  #start(source: Source): undefined {
    if (skip(source, blanks) !== '') return;
    this.state = this.#kind === 'file-or-pipe' && source.text[source.position] === '|' ? 'line' : 'bare';
  }

  #bare(source: Source): 'end' | undefined {
    this.text += skip(source, bareText);
    const { text, position } = source;
    switch (text[position]) {
      case undefined:
        return undefined;
      case "'":
        return this.#open(source, 'single', "'");
      case '"':
        this.text += '"';
        return this.#open(source, 'double', '"');
      case '`':
        this.#commandFrom = this.text.length;
        return this.#open(source, 'backtick', '`');
      case ':':
        return this.#mention(source);
      default:
        return 'end';
    }
  }

  #open(source: Source, state: State, quote: Argument['quote']): undefined {
    source.position++;
    this.state = state;
    this.quote = quote;
  }

  #close(source: Source): undefined {
    source.position++;
    this.state = 'bare';
    this.bareFrom = this.text.length;
  }

  /** A value is put in as it is, and nothing in it has a meaning. */
  #mention(source: Source): undefined {
    const mention = mentionAt(source);
    if (mention === undefined) {
      this.text += ':';
      source.position++;
      return;
    }
    this.text += expandMention(this.#host, mention, this.#input.encoding);
    this.bareFrom = this.text.length;
    if (mention.kind !== 'test') this.quote = ':';
    source.position = mention.end;
  }

  #single(source: Source): undefined {
    const piece = skip(source, quotedPiece);
    if (piece === '' && source.text[source.position] === "'") return this.#close(source);
    this.text += piece === '' ? source.original[source.position++] : unescapePiece(piece);
  }

  #double(source: Source): undefined {
    const end = source.text.indexOf('"', source.position);
    const until = end === -1 ? source.text.length : end + 1;
    this.text += source.original.slice(source.position, until);
    source.position = until;
    if (end === -1) return;
    source.position--;
    this.#close(source);
  }

  #backtick(source: Source): 'shell' | undefined {
    this.text += skip(source, backtickText);
    if (source.text[source.position] === ':') return this.#shellMention(source);
    if (source.text[source.position] !== '`') return undefined;
    this.#close(source);
    return this.#host.active() ? 'shell' : undefined;
  }

  /** In a shell command `:'x'` is one word of the shell; the other quoted forms mean nothing. */
  #shellMention(source: Source): undefined {
    const mention = mentionAt(source);
    if (mention === undefined || mention.kind === 'identifier' || mention.kind === 'test') {
      this.text += ':';
      source.position++;
      return;
    }
    const { kind, name, written, end } = mention;
    const value = this.#host.active() ? this.#host.variable(name) : undefined;
    this.text += (kind === 'literal' && value !== undefined ? this.#shellWord(value) : value) ?? written;
    source.position = end;
  }

  #shellWord(value: string): string | undefined {
    const word = quoteShellWord(value);
    if (word === undefined)
      this.#host.report('error', `shell command argument contains a newline or carriage return: "${value}"`);
    return word;
  }

  #line(source: Source): undefined {
    if (this.text === '') skip(source, blanks);
    this.text += source.original.slice(source.position);
    source.position = source.text.length;
  }
}

/** Moves over what a sticky pattern matches and returns it as it was written. */
function skip(source: Source, pattern: RegExp): string {
  pattern.lastIndex = source.position;
  if (!pattern.test(source.text)) return '';
  const start = source.position;
  source.position = pattern.lastIndex;
  return source.original.slice(start, source.position);
}
