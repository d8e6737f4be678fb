import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionExcerpt } from './excerpt.js';
import { formatServerMessage, type MessageFields, type MessageOptions } from './format.js';

const fields: MessageFields = {
  S: 'FEHLER',
  V: 'ERROR',
  C: '42703',
  M: 'column "x" does not exist',
  D: 'There is one.',
  H: 'Try y.',
  W: 'SQL function "f"',
  s: 'public',
  t: 'tab',
  c: 'col',
  d: 'typ',
  n: 'con',
  F: 'parse_relation.c',
  L: '3661',
  R: 'errorMissingColumn',
};
const shown: MessageOptions = { verbosity: 'default', showContext: 'errors', isError: true };

const formats: readonly [what: string, fields: MessageFields, options: Partial<MessageOptions>, text: string][] = [
  [
    'the default',
    fields,
    {},
    'FEHLER:  column "x" does not exist\nDETAIL:  There is one.\nHINT:  Try y.\nCONTEXT:  SQL function "f"\n',
  ],
  ['terse', fields, { verbosity: 'terse' }, 'FEHLER:  column "x" does not exist\n'],
  [
    'terse with a position',
    { ...fields, P: '8' },
    { verbosity: 'terse' },
    'FEHLER:  column "x" does not exist at character 8\n',
  ],
  ['sqlstate', { ...fields, P: '8' }, { verbosity: 'sqlstate' }, 'FEHLER:  42703\n'],
  ['sqlstate without one', { S: 'ERROR', M: 'm' }, { verbosity: 'sqlstate' }, 'ERROR:  m\n'],
  [
    'verbose',
    fields,
    { verbosity: 'verbose' },
    'FEHLER:  42703: column "x" does not exist\nDETAIL:  There is one.\nHINT:  Try y.\nCONTEXT:  SQL function "f"\nSCHEMA NAME:  public\nTABLE NAME:  tab\nCOLUMN NAME:  col\nDATATYPE NAME:  typ\nCONSTRAINT NAME:  con\nLOCATION:  errorMissingColumn, parse_relation.c:3661\n',
  ],
  ['no context in notices', { S: 'NOTICE', M: 'm', W: 'w' }, { isError: false }, 'NOTICE:  m\n'],
  [
    'context always',
    { S: 'NOTICE', M: 'm', W: 'w' },
    { isError: false, showContext: 'always' },
    'NOTICE:  m\nCONTEXT:  w\n',
  ],
  ['context never', { S: 'ERROR', M: 'm', W: 'w' }, { showContext: 'never' }, 'ERROR:  m\n'],
  [
    'a position in the query',
    { S: 'ERROR', M: 'm', P: '8' },
    { query: 'select x;' },
    'ERROR:  m\nLINE 1: select x;\n               ^\n',
  ],
  [
    'a position in an internal query',
    { S: 'ERROR', M: 'm', p: '8', q: 'select x' },
    { query: 'select f()' },
    'ERROR:  m\nLINE 1: select x\n               ^\nQUERY:  select x\n',
  ],
  ['a position without a query', { S: 'ERROR', M: 'm', P: '3' }, {}, 'ERROR:  m at character 3\n'],
];
for (const [what, given, options, text] of formats)
  test(`message: ${what}`, () => assert.equal(formatServerMessage(given, { ...shown, ...options }), text));

const digits = '1234567890'.repeat(20);
/** Lines and carets as the libpq of PostgreSQL 15 shows them; the first number is the position. */
const excerpts: readonly [position: number, query: string, line: string, caretAt: number][] = [
  [1, 'x', 'LINE 1: x', 8],
  [2, 'x', 'LINE 1: x', 9],
  [3, 'a\nbc', 'LINE 2: bc', 8],
  [4, 'a\r\nbc', 'LINE 2: bc', 8],
  [3, 'a\rbc', 'LINE 2: bc', 8],
  [5, '\n\n\n\nx', 'LINE 5: x', 8],
  [3, '\ta\tb', 'LINE 1:  a b', 10],
  [3, '水x', 'LINE 1: 水x', 11],
  [2, '😀x', 'LINE 1: 😀x', 10],
  [1, digits, `LINE 1: ${digits.slice(0, 60)}...`, 8],
  [51, digits, `LINE 1: ${digits.slice(0, 60)}...`, 58],
  [52, digits, `LINE 1: ...${digits.slice(1, 61)}...`, 61],
  [100, digits, `LINE 1: ...${digits.slice(49, 109)}...`, 61],
  [195, digits, `LINE 1: ...${digits.slice(140, 200)}`, 65],
  [201, digits, `LINE 1: ...${digits.slice(140, 200)}`, 71],
];
for (const [position, query, line, caretAt] of excerpts)
  test(`message: the excerpt at ${position} of ${JSON.stringify(query.slice(0, 12))}`, () =>
    assert.equal(positionExcerpt(query, position), `${line}\n${' '.repeat(caretAt)}^\n`));

test('message: there is no excerpt outside the query', () => {
  assert.equal(positionExcerpt('x', 0), '');
  assert.equal(positionExcerpt('x', 3), '');
});

test('message: the excerpt of a very long line looks only at what is near', () => {
  const query = `select '${'水'.repeat(5_000_000)}' x ${'y'.repeat(5_000_000)}`;
  const excerpt = positionExcerpt(query, 5_000_011);
  assert.match(excerpt, /^LINE 1: \.\.\.水+' x y{8}\.\.\.\n +\^\n$/);
});
