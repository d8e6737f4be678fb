import { startOfStatement } from '../script/transactions.js';
import type { Direction } from './migration.js';

/** A section of a flat file: what stands between its marker and the next one. */
export interface Section {
  /** The line behind the marker, counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly transactional: boolean;
}

export interface FlatFile {
  readonly sections: Readonly<Partial<Record<Direction, Section>>>;
  readonly faults: readonly { readonly line: number; readonly message: string }[];
}

const marker = /^--[ \t]*migrate:(\S+)[ \t]*(.*?)[ \t]*\r?$/;
/** Options behind a marker; the second is dbmate's spelling of the first. */
const withoutTransaction: readonly string[] = ['no-transaction', 'transaction:false'];

/** Takes a flat file apart at its lines `-- migrate:up` and `-- migrate:down`. */
export function readFlatFile(text: string): FlatFile {
  const lines = text.split('\n');
  const faults: { line: number; message: string }[] = [];
  const starts: { direction: Direction; line: number; options: string }[] = [];
  for (const [index, line] of lines.entries()) {
    const [, word, options = ''] = marker.exec(line) ?? [];
    if (word === undefined || word === 'no-transaction' || word === 'replaces') continue;
    if (word !== 'up' && word !== 'down') {
      faults.push({
        line: index + 1,
        message: `there is no section migrate:${word}, only migrate:up and migrate:down`,
      });
    } else if (starts.some(({ direction }) => direction === word)) {
      faults.push({ line: index + 1, message: `a second section migrate:${word}` });
    } else if (options !== '' && !withoutTransaction.includes(options)) {
      faults.push({ line: index + 1, message: `unknown option '${options}', there is only no-transaction` });
    } else starts.push({ direction: word, line: index + 1, options });
  }
  const sections: Partial<Record<Direction, Section>> = {};
  const head = lines.slice(0, (starts[0]?.line ?? 1) - 1).join('\n');
  for (const [index, { direction, line, options }] of starts.entries()) {
    const end = starts[index + 1];
    const body = lines.slice(line, end === undefined ? undefined : end.line - 1).join('\n');
    const transactional = options === '' && isTransactional(body) && isTransactional(head);
    sections[direction] = { line: line + 1, text: end === undefined ? body : `${body}\n`, transactional };
  }
  return { sections, faults };
}

/** False when a line `-- migrate:no-transaction` stands among the blank lines and comments at the head of a script. */
export function isTransactional(text: string): boolean {
  for (const line of text.split('\n')) {
    if (/^--[ \t]*migrate:no-transaction[ \t]*\r?$/.test(line)) return false;
    if (!/^\s*(?:--.*)?$/.test(line)) return true;
  }
  return true;
}

/** True for a script that holds nothing but blanks and comments. */
export function isBlank(text: string): boolean {
  return startOfStatement(text) >= text.length;
}
