import type { LexerSavepoint } from '../conditions.js';
import type { ScanHost } from '../host.js';
import { CommandScanner } from '../slash/scanner.js';
import { InputStack } from './input.js';
import { type Query, QueryBuffer } from './query.js';
import { type Mode, SqlScanner } from './sql.js';

/** What the next line will go on with; psql shows it as the character of its prompt. */
export type Prompt = 'ready' | 'continue' | 'paren' | 'single-quote' | 'double-quote' | 'dollar-quote' | 'comment';

export type LexerEvent =
  /** A semicolon ended this statement, which is to be sent. */
  | { readonly kind: 'statement'; readonly query: Query }
  /** A backslash command begins: its name and arguments are to be read with `lexer.command` before `next` is called again. */
  | { readonly kind: 'command' }
  /** The line is used up. `complete` tells that a query could be sent as it is (single-line mode does). */
  | { readonly kind: 'end'; readonly prompt: Prompt; readonly complete: boolean };

export interface LineOptions {
  /** Number of the line in its file, counted from 1. */
  readonly line: number;
  /** The connection's `standard_conforming_strings`; false without a connection. It holds for the whole line. */
  readonly standardStrings: boolean;
  /** The client encoding by PostgreSQL's name, when the line is a string of bytes and not of characters. */
  readonly encoding?: string | undefined;
}

const prompts: Readonly<Record<Exclude<Mode, 'sql'>, Prompt>> = {
  bits: 'single-quote',
  standard: 'single-quote',
  escape: 'single-quote',
  identifier: 'double-quote',
  dollar: 'dollar-quote',
  comment: 'comment',
};

/**
 * Splits one script file into statements and backslash commands, line by line, as psql does (mainloop.c and psqlscan.l):
 *
 *     if (!lexer.dropsLine(text)) {
 *       lexer.startLine(text, { line, standardStrings });
 *       for (let event = lexer.next(); event.kind !== 'end'; event = lexer.next()) …
 *     }
 *     const rest = lexer.finish();
 *
 * The line is text without its newline, of any length; a script that is not UTF-8 is given as `latin1` strings.
 */
export class ScriptLexer {
  /** Reads the backslash command that a `command` event announced. */
  readonly command: CommandScanner;
  readonly #host: ScanHost;
  readonly #input = new InputStack();
  readonly #query = new QueryBuffer();
  readonly #sql: SqlScanner;
  #previous: Query | undefined;

  constructor(host: ScanHost) {
    this.#host = host;
    this.#sql = new SqlScanner(this.#input, this.#query, host);
    this.command = new CommandScanner(this.#input, host);
  }

  /** Empty lines are dropped, before anything is echoed or counted as part of a statement, except inside quotes and comments. */
  dropsLine(text: string): boolean {
    return text === '' && this.#sql.mode === 'sql';
  }

  startLine(text: string, { line, standardStrings, encoding }: LineOptions): void {
    this.#input.setLine(text, line, encoding);
    this.#sql.standardStrings = standardStrings;
    this.#query.startLine();
  }

  next(): LexerEvent {
    for (;;) {
      const stop = this.#sql.scan();
      if (stop === 'backslash') return this.#startCommand();
      if (stop === 'end') return this.#endLine();
      if (this.#host.active()) return { kind: 'statement', query: this.#take() };
    }
  }

  /** What has been collected for the next statement and not been sent yet. */
  get pending(): Query {
    return this.#query.snapshot();
  }

  /** The statement sent last from this file, undefined before the first. */
  get previous(): Query | undefined {
    return this.#previous;
  }

  /** For commands that send (`\g`, `\gset`, …): the pending statement, or the previous one again when there is none. */
  takeQuery(): Query {
    const query = this.#query.length === 0 ? (this.#previous ?? this.#query.take()) : this.#query.take();
    this.#previous = query;
    this.#sql.reset();
    return query;
  }

  /** `\r`: forgets the pending statement and whatever is open; the previous one can still be sent again. */
  clear(): void {
    this.#query.clear();
    this.#sql.reset();
  }

  /** End of the file: the statement that no semicolon ended, undefined when there is none or it stands in a skipped branch. */
  finish(): Query | undefined {
    return this.#query.length > 0 && this.#host.active() ? this.#take() : undefined;
  }

  /** What `restore` needs to cut away the text of a skipped `\if` branch. */
  get savepoint(): LexerSavepoint {
    return { length: this.#query.length, parenDepth: this.#sql.parenDepth, copies: this.#query.copies };
  }

  restore({ length, parenDepth, copies }: LexerSavepoint): void {
    this.#query.truncate(length);
    this.#query.copies = copies;
    this.#sql.parenDepth = parenDepth;
  }

  #take(): Query {
    this.#previous = this.#query.take();
    return this.#previous;
  }

  /** A line that holds only a command leaves the query buffer as it was. */
  #startCommand(): LexerEvent {
    this.#query.dropNewline();
    return { kind: 'command' };
  }

  #endLine(): LexerEvent {
    this.#query.commitNewline();
    const { mode, parenDepth, words } = this.#sql;
    if (mode !== 'sql') return { kind: 'end', prompt: prompts[mode], complete: false };
    if (parenDepth > 0) return { kind: 'end', prompt: 'paren', complete: false };
    if (words.bodyDepth > 0) return { kind: 'end', prompt: 'continue', complete: false };
    const isPending = this.#query.length > 0;
    return { kind: 'end', prompt: isPending ? 'continue' : 'ready', complete: isPending && this.#host.active() };
  }
}
