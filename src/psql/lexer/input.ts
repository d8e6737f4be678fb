import { mask } from './mask.js';

/** Where a character of a script stands; both count from 1, columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A text being read: the current line, or the value of a variable that stands in it. */
export interface Source {
  /** What is lexed; multibyte characters whose bytes could pass for ASCII are masked here. */
  readonly text: string;
  /** What is copied out; as long as `text`. */
  readonly original: string;
  /** The variable whose value this is, undefined for the line itself. */
  readonly name: string | undefined;
  /** Index of the next character to lex. */
  position: number;
  /** Index of the first character that has not yet been copied to the output. */
  mark: number;
}

/** The line being lexed with the variable values pushed in front of its rest (psqlscan.l's buffer stack). */
export class InputStack {
  #line = 0;
  /** The client encoding, when what is read are bytes. */
  encoding: string | undefined;
  readonly #sources: Source[] = [];
  readonly #names = new Set<string>();
  top: Source = newSource('', '', undefined);

  /** Replaces everything by a new line, in a client encoding; undefined stands for any that needs no care. */
  setLine(text: string, line: number, encoding?: string): void {
    this.#sources.length = 0;
    this.#names.clear();
    this.#line = line;
    this.encoding = encoding;
    this.top = newSource(mask(text, encoding), text, undefined);
  }

  /** True while the value of a variable is being read. */
  get nested(): boolean {
    return this.#sources.length > 0;
  }

  isBeingExpanded(name: string): boolean {
    return this.#names.has(name);
  }

  push(value: string, name: string): void {
    this.#sources.push(this.top);
    this.#names.add(name);
    this.top = newSource(mask(value, this.encoding), value, name);
  }

  /** Goes back to the text that the exhausted value stood in; false when it was the line itself. */
  pop(): boolean {
    const outer = this.#sources.pop();
    if (outer === undefined) return false;
    this.#names.delete(this.top.name!);
    this.top = outer;
    return true;
  }

  /** Where the text at the top's mark stands in the script; inside a value it is the end of the variable's mention. */
  get position(): Position {
    const line = this.#sources[0] ?? this.top;
    return { line: this.#line, column: line.mark + 1 };
  }
}

function newSource(text: string, original: string, name: string | undefined): Source {
  return { text, original, name, position: 0, mark: 0 };
}
