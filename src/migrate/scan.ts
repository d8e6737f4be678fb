import { ScriptLexer } from '../psql/lexer/lexer.js';
import type { Query } from '../psql/lexer/query.js';
import type { ArgumentKind } from '../psql/slash/argument.js';
import { CopySyntaxError, parseCopyCommand } from '../script/copy-command.js';
import { startOfStatement } from '../script/transactions.js';

/** Something in a script that matters before it runs; lines count from 1. */
export type ScanItem =
  | { readonly kind: 'statement'; readonly text: string; readonly line: number }
  | { readonly kind: 'command'; readonly name: string; readonly line: number }
  /** `name` is undefined when it cannot be told without running the script, and `reason` says why. */
  | {
      readonly kind: 'include';
      readonly name: string | undefined;
      readonly reason: string;
      readonly relative: boolean;
      readonly line: number;
    };

/** What is known, before a script runs, of its variables and its working directory; `\set` and `\cd` change it. */
export interface ScanScope {
  readonly variables: Map<string, string>;
  cd(directory: string): void;
}

/**
 * Reads a script as the engine does, without running anything: both branches of an `\if` count, nothing runs in a shell, and only
 * variables that are given or `\set` to plain text outside of `\if` are known.
 */
export async function* scanScript(text: string, scope: ScanScope): AsyncGenerator<ScanItem> {
  const scan = new Scan(scope, text.replace(/^\ufeff/, '').split('\n'));
  yield* scan.items();
}

const sending = new Set(['g', 'gx', 'gexec', 'gset', 'gdesc', 'crosstabview', 'watch']);
const wholeLine = /^(?:!|copy|d[A-Za-z]*[S+]*|l\+?|list\+?|z[S+]*|e[fv]|s[fv]\+?|h|help|\?)$/;
const fileOrPipe = new Set(['g', 'gx', 'o', 'out', 'w', 'write']);

class Scan {
  readonly #scope: ScanScope;
  readonly #lines: readonly string[];
  readonly #lexer: ScriptLexer;
  #at = 0;
  #depth = 0;
  /** Why what is being read cannot be known, once something unknown has been met. */
  #unknown: string | undefined;

  constructor(scope: ScanScope, lines: readonly string[]) {
    this.#scope = scope;
    this.#lines = lines;
    this.#lexer = new ScriptLexer({
      variable: (name) => this.#variable(name),
      active: () => true,
      connected: () => true,
      shell: async (command) => {
        this.#unknown ??= `the output of \`${command}\` is not known before it runs`;
        return '';
      },
      report: () => undefined,
    });
  }

  async *items(): AsyncGenerator<ScanItem> {
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at] ?? '';
      this.#at++;
      if (this.#lexer.dropsLine(line)) continue;
      this.#lexer.startLine(line, { line: this.#at, standardStrings: true });
      for (let event = this.#lexer.next(); event.kind !== 'end'; event = this.#lexer.next()) {
        if (event.kind === 'statement') yield this.#statement(event.query);
        else yield* this.#command();
      }
    }
    const rest = this.#lexer.finish();
    if (rest !== undefined) yield this.#statement(rest);
  }

  #variable(name: string): string | undefined {
    const value = this.#scope.variables.get(name);
    if (value === undefined) this.#unknown ??= `the variable ${name} is not known before it runs`;
    return value;
  }

  #statement(query: Query): ScanItem {
    const line = query.origin(startOfStatement(query.text))?.line ?? this.#at;
    this.#skipData(query.copies);
    return { kind: 'statement', text: query.text, line };
  }

  /** In-line data of COPY stands in the lines that follow. */
  #skipData(blocks: number): void {
    for (let left = blocks; left > 0; left--) {
      while (this.#at < this.#lines.length && !/^\\\.\r?$/.test(this.#lines[this.#at] ?? '')) this.#at++;
      this.#at++;
    }
  }

  async *#command(): AsyncGenerator<ScanItem> {
    const { command } = this.#lexer;
    const name = command.name();
    const line = this.#at;
    this.#unknown = undefined;
    if (/^(?:ir?|include(?:_relative)?)$/.test(name)) yield await this.#include(name, line);
    else if (name === 'copy') await this.#copy();
    else if (name === 'set') await this.#set();
    else if (name === 'cd') await this.#cd();
    else {
      const kind: ArgumentKind = wholeLine.test(name) ? 'whole-line' : fileOrPipe.has(name) ? 'file-or-pipe' : 'normal';
      const words = await command.rest(kind);
      if (name === 'unset' && words[0] !== undefined) this.#scope.variables.delete(words[0]);
      if (name === 'if') this.#depth++;
      if (name === 'endif') this.#depth--;
      if (name === 'r' || name === 'reset') this.#lexer.clear();
      yield { kind: 'command', name, line };
    }
    if (sending.has(name)) yield this.#statement(this.#lexer.takeQuery());
    await command.end(name, true);
  }

  async #include(name: string, line: number): Promise<ScanItem> {
    const found = await this.#lexer.command.argument('normal', { stripSemicolons: true });
    const relative = name === 'ir' || name === 'include_relative';
    const reason = this.#unknown ?? 'no file is named';
    const isKnown = this.#unknown === undefined && found !== undefined;
    return { kind: 'include', name: isKnown ? found.text : undefined, reason, relative, line };
  }

  /** What is set inside an `\if` may or may not be so. */
  async #set(): Promise<void> {
    const [name, ...values] = await this.#lexer.command.rest();
    if (name === undefined) return;
    if (this.#unknown === undefined && this.#depth === 0) this.#scope.variables.set(name, values.join(''));
    else this.#scope.variables.delete(name);
  }

  async #cd(): Promise<void> {
    const directory = await this.#lexer.command.argument('normal', { stripSemicolons: true });
    if (directory !== undefined && this.#unknown === undefined) this.#scope.cd(directory.text);
  }

  async #copy(): Promise<void> {
    const rest = await this.#lexer.command.argument('whole-line');
    try {
      const { direction, place } = parseCopyCommand(rest?.text ?? '', true);
      if (direction === 'from' && place.kind === 'script') this.#skipData(1);
    } catch (error) {
      if (!(error instanceof CopySyntaxError)) throw error;
    }
  }
}

/** The statements of a text that is sent as one query string (`\;` joins several). */
export function statementsOf(text: string): readonly string[] {
  const semicolon = text.indexOf(';');
  if (semicolon === -1 || semicolon === text.length - 1) return [text];
  const host = {
    variable: () => undefined,
    active: () => true,
    connected: () => true,
    shell: async () => '',
    report: () => undefined,
  };
  const lexer = new ScriptLexer(host);
  const found: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    lexer.startLine(line, { line: index + 1, standardStrings: true });
    for (let event = lexer.next(); event.kind !== 'end'; event = lexer.next()) {
      if (event.kind === 'statement') found.push(event.query.text);
      else lexer.command.name();
    }
  }
  const rest = lexer.finish();
  return rest === undefined ? found : [...found, rest.text];
}
