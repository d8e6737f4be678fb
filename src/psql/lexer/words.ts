/** Only the first words of a statement tell what it is. */
const routineWords = 4;
const copyWords = 8;
const longestKeyword = 'procedure'.length;

const routineStarts: ReadonlySet<string> = new Set([
  'create function',
  'create procedure',
  'create or replace function',
  'create or replace procedure',
]);

/**
 * Follows the unquoted words of a statement to recognise what its semicolons and the script's next lines mean: the body of a
 * routine (`BEGIN ATOMIC … END`, whose semicolons end nothing) and `COPY … FROM STDIN` (whose data follow in the script).
 */
export class StatementWords {
  /** How many BEGIN and CASE of a routine's body are open. */
  bodyDepth = 0;
  #count = 0;
  #head = '';
  #isRoutine = false;
  #topLevelCount = 0;
  #copy: 'no' | 'copy' | 'from' = 'no';

  /** A semicolon inside the text to be sent: what follows is a statement of its own. */
  startStatement(): void {
    this.#count = 0;
    this.#head = '';
    this.#isRoutine = false;
    this.#topLevelCount = 0;
    this.#copy = 'no';
  }

  reset(): void {
    this.startStatement();
    this.bodyDepth = 0;
  }

  /** Takes note of the word in `text` from `start` to `end`; true when it is the STDIN of a `COPY … FROM STDIN`. */
  see(text: string, start: number, end: number, parenDepth: number): boolean {
    if (this.#count >= copyWords && !this.#isRoutine && (this.#copy === 'no' || this.#topLevelCount >= copyWords))
      return false;
    const word = end - start > longestKeyword ? '' : text.slice(start, end).toLowerCase();
    this.#followRoutine(word, parenDepth);
    return parenDepth === 0 && this.#followCopy(word);
  }

  /** psqlscan.l, rule {identifier}: the first four words, at any depth of parentheses, decide. */
  #followRoutine(word: string, parenDepth: number): void {
    if (this.#count < routineWords) {
      this.#head = this.#count === 0 ? word : `${this.#head} ${word}`;
      this.#isRoutine ||= routineStarts.has(this.#head);
    }
    this.#count++;
    if (this.#isRoutine && parenDepth === 0) this.#followBody(word);
  }

  #followBody(word: string): void {
    if (word === 'begin') this.bodyDepth++;
    else if (word === 'case' && this.bodyDepth > 0) this.bodyDepth++;
    else if (word === 'end' && this.bodyDepth > 0) this.bodyDepth--;
  }

  /** COPY must be the first word, and the word after the first FROM decides. */
  #followCopy(word: string): boolean {
    const index = this.#topLevelCount++;
    if (index === 0) this.#copy = word === 'copy' ? 'copy' : 'no';
    if (this.#copy === 'from') {
      this.#copy = 'no';
      return index < copyWords && (word === 'stdin' || word === 'stdout');
    }
    if (this.#copy === 'copy' && word === 'from') this.#copy = 'from';
    return false;
  }
}
