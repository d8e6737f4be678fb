import { scanComment } from '../psql/lexer/quotes.js';

/** Transaction control, whatever comes after these words. */
const control = ['abort', 'begin', 'start', 'commit', 'end', 'rollback', 'prepare transaction'];

/** Commands that the server refuses inside a transaction block (those that call PreventInTransactionBlock). */
const outsideBlocksOnly = [
  'vacuum',
  'create database',
  'create tablespace',
  'create index concurrently',
  'create unique index concurrently',
  'alter system',
  'drop database',
  'drop system',
  'drop tablespace',
  'drop index concurrently',
  'reindex database',
  'reindex system',
  'reindex tablespace',
  'reindex index concurrently',
  'reindex table concurrently',
  'discard all',
];

const noBegin: ReadonlySet<string> = new Set([...control, ...outsideBlocksOnly]);

/** True for a statement that ends, begins or hands over a transaction; going back to a savepoint is none of these. */
export function controlsTransaction(sql: string): boolean {
  const words = leadingWords(sql, 3);
  if (!beginsWith(words, controlWords)) return false;
  const target = ['work', 'transaction'].includes(words[1] ?? '') ? words[2] : words[1];
  return !(words[0] === 'rollback' && target === 'to');
}

/** True for a command that the server refuses inside a transaction block, as far as its first words tell. */
export function runsOutsideBlocksOnly(sql: string): boolean {
  return beginsWith(leadingWords(sql, 4), outsideWords);
}

const controlWords: ReadonlySet<string> = new Set(control);
const outsideWords: ReadonlySet<string> = new Set(outsideBlocksOnly);

/** With AUTOCOMMIT off psql sends BEGIN before every statement but these (common.c, command_no_begin). */
export function runsWithoutBegin(sql: string): boolean {
  const words = leadingWords(sql, 4);
  return (words[0] === 'cluster' && words.length === 1) || beginsWith(words, noBegin);
}

/** What has to be sent alone inside a block: it may end the block, or bring a failed one back to life, or move data. */
const fences: ReadonlySet<string> = new Set([...control, 'savepoint', 'release', 'prepare', 'copy']);

/**
 * True for a statement that may be sent before the one ahead of it has succeeded, inside a transaction block: should that one fail,
 * this one can only fail as well. A semicolon inside the text might hide a second statement, so such a text waits.
 */
export function canBeSentAhead(sql: string): boolean {
  const semicolon = sql.indexOf(';');
  return (semicolon === -1 || semicolon === sql.length - 1) && !beginsWith(leadingWords(sql, 1), fences);
}

const sessionWords: ReadonlySet<string> = new Set([...control, 'prepare', 'set', 'reset', 'discard']);

/** True for a statement after which others may have to be read or sent differently: it is waited for. */
export function changesSession(sql: string): boolean {
  return beginsWith(leadingWords(sql, 1), sessionWords) || sql.includes('set_config');
}

/** Statements that mean something else inside a block, or that would be felt by others before it is certain that they happen. */
const unshared: ReadonlySet<string> = new Set([
  ...sessionWords,
  ...outsideBlocksOnly,
  ...['call', 'checkpoint', 'close', 'cluster', 'copy', 'deallocate', 'declare', 'execute', 'fetch', 'listen', 'load'],
  ...['lock', 'move', 'notify', 'reindex', 'release', 'savepoint', 'unlisten'],
  ...['create subscription', 'alter subscription', 'drop subscription'],
]);

/** True for a statement that may be put into one transaction with others although the script has them outside. */
export function canShareTransaction(sql: string): boolean {
  const semicolon = sql.indexOf(';');
  return (semicolon === -1 || semicolon === sql.length - 1) && !beginsWith(leadingWords(sql, 4), unshared);
}

function beginsWith(words: readonly string[], phrases: ReadonlySet<string>): boolean {
  let phrase = '';
  for (const word of words) {
    phrase = phrase === '' ? word : `${phrase} ${word}`;
    if (phrases.has(phrase)) return true;
  }
  return false;
}

const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*/y;

/** The first words of a statement in lower case, behind white space and comments. */
export function leadingWords(sql: string, count: number): string[] {
  const words: string[] = [];
  for (let at = 0; words.length < count; ) {
    word.lastIndex = skipBlanks(sql, at);
    const found = word.exec(sql)?.[0];
    if (found === undefined) break;
    words.push(found.toLowerCase());
    at = word.lastIndex;
  }
  return words;
}

/** Index of a statement's first word, behind white space and comments. */
export function startOfStatement(sql: string): number {
  return skipBlanks(sql, 0);
}

const blanks = /(?:\s+|--[^\n]*)*/y;

function skipBlanks(sql: string, start: number): number {
  for (let at = start; ; ) {
    blanks.lastIndex = at;
    blanks.test(sql);
    at = blanks.lastIndex;
    if (!sql.startsWith('/*', at)) return at;
    at = scanComment(sql, at + 2, 1).end;
  }
}
