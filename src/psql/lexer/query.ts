import type { Position } from './input.js';

/** A string to be sent to the server as one simple Query. */
export interface Query {
  /** Exactly what is sent, with its semicolon. */
  readonly text: string;
  /** How many `COPY … FROM STDIN` it holds, so how many blocks of in-line data follow it in the script. */
  readonly copies: number;
  /** Where in the script the character at an index of `text` was written; undefined when it cannot be told. */
  origin(index: number): Position | undefined;
}

interface Piece extends Position {
  /** Index in the text at which the piece begins. */
  readonly at: number;
  /** A variable's value: all of it stands where the variable is mentioned. */
  readonly expanded: boolean;
}

/** The query buffer: the statement being put together from lines and variable values. */
export class QueryBuffer {
  #text = '';
  #pieces: Piece[] = [];
  /** True between the start of a further line and the first thing that is appended from it. */
  #newlineDue = false;
  copies = 0;

  get length(): number {
    return this.#text.length + (this.#newlineDue ? 1 : 0);
  }

  append(text: string, { line, column }: Position, expanded: boolean): void {
    this.commitNewline();
    this.#pieces.push({ at: this.#text.length, line, column, expanded });
    this.#text += text;
  }

  /** A line begins; it is joined to what is there already by a newline, unless nothing comes of it: see `dropNewline`. */
  startLine(): void {
    this.#newlineDue = this.#text !== '';
  }

  commitNewline(): void {
    if (this.#newlineDue) this.#text += '\n';
    this.#newlineDue = false;
  }

  dropNewline(): void {
    this.#newlineDue = false;
  }

  /** Drops everything from an index on. */
  truncate(length: number): void {
    this.#newlineDue = false;
    this.#text = this.#text.slice(0, length);
    this.#pieces = this.#pieces.filter(({ at }) => at < length);
  }

  clear(): void {
    this.#text = '';
    this.#newlineDue = false;
    this.#pieces = [];
    this.copies = 0;
  }

  /** What is in the buffer now. Its positions are told rightly until the buffer changes. */
  snapshot(): Query {
    return new CollectedQuery(this.#text, this.copies, this.#pieces);
  }

  /** The contents; the buffer is empty afterwards. */
  take(): Query {
    const query = this.snapshot();
    this.clear();
    return query;
  }
}

class CollectedQuery implements Query {
  readonly text: string;
  readonly copies: number;
  readonly #pieces: readonly Piece[];

  constructor(text: string, copies: number, pieces: readonly Piece[]) {
    this.text = text;
    this.copies = copies;
    this.#pieces = pieces;
  }

  origin(index: number): Position | undefined {
    const piece = this.#pieces.findLast(({ at }) => at <= index);
    if (piece === undefined) return undefined;
    return { line: piece.line, column: piece.expanded ? piece.column : piece.column + index - piece.at };
  }
}
