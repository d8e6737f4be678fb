import { booleanExpected, parseBoolean } from './variables/parse.js';

/** State of one `\if` block: which branch is current, and whether a later one may still be taken. */
type BranchState = 'true' | 'false' | 'ignored' | 'else-true' | 'else-false';

/** What the lexer must get back when a skipped branch ends: see `ScriptLexer.savepoint`. */
export interface LexerSavepoint {
  readonly length: number;
  readonly parenDepth: number;
  readonly copies: number;
}

interface Block {
  state: BranchState;
  savepoint: LexerSavepoint;
}

/** The lexer as the conditional commands see it. */
export interface LexerState {
  readonly savepoint: LexerSavepoint;
  restore(savepoint: LexerSavepoint): void;
}

/** Reads a command's expression: all its arguments joined by a space. Read in a skipped branch, it is only lexed. */
export type ReadExpression = () => Promise<string>;

/** What a conditional command says: a failure, or only a complaint about its expression, which then counts as false. */
export interface ConditionResult {
  readonly failure?: string;
  readonly complaint?: string;
}

/** The `\if` blocks open in one file and the commands that change them (fe_utils/conditional.c, psql's command.c). */
export class Conditions {
  readonly #blocks: Block[] = [];
  readonly #lexer: LexerState;

  constructor(lexer: LexerState) {
    this.#lexer = lexer;
  }

  /** How many blocks are open. */
  get depth(): number {
    return this.#blocks.length;
  }

  /** True where statements and commands take effect. */
  get active(): boolean {
    const state = this.#blocks.at(-1)?.state;
    return state === undefined || state === 'true' || state === 'else-true';
  }

  async if(read: ReadExpression): Promise<ConditionResult> {
    const state = this.active ? 'true' : 'ignored';
    this.#blocks.push({ state, savepoint: this.#lexer.savepoint });
    return this.#evaluate('\\if expression', read);
  }

  async elif(read: ReadExpression): Promise<ConditionResult> {
    const block = this.#blocks.at(-1);
    if (block === undefined) return { failure: '\\elif: no matching \\if' };
    if (isElse(block)) return { failure: '\\elif: cannot occur after \\else' };
    this.#leaveBranch(block);
    block.state = block.state === 'false' ? 'true' : 'ignored';
    return this.#evaluate('\\elif expression', read);
  }

  else(): ConditionResult {
    const block = this.#blocks.at(-1);
    if (block === undefined) return { failure: '\\else: no matching \\if' };
    if (isElse(block)) return { failure: '\\else: cannot occur after \\else' };
    this.#leaveBranch(block);
    block.state = block.state === 'false' ? 'else-true' : 'else-false';
    return {};
  }

  endif(): ConditionResult {
    const block = this.#blocks.at(-1);
    if (block === undefined) return { failure: '\\endif: no matching \\if' };
    this.#leaveBranch(block);
    this.#blocks.pop();
    return {};
  }

  /** The text of a branch that was taken stays in the statement being collected; that of a skipped one is cut away. */
  #leaveBranch(block: Block): void {
    if (this.active) block.savepoint = this.#lexer.savepoint;
    else this.#lexer.restore(block.savepoint);
  }

  async #evaluate(name: string, read: ReadExpression): Promise<ConditionResult> {
    const block = this.#blocks.at(-1)!;
    const expression = await read();
    if (block.state !== 'true') return {};
    const value = parseBoolean(expression);
    if (value !== true) block.state = 'false';
    return value === undefined ? { complaint: booleanExpected(expression, name) } : {};
  }
}

function isElse({ state }: Block): boolean {
  return state === 'else-true' || state === 'else-false';
}
