import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ScriptLexer } from './lexer.js';
import { scanComment } from './quotes.js';

/** What a script is made of, without commands and variables. */
const pieces = fc.constantFrom(
  ...[
    ';',
    '\n',
    ' ',
    '\t',
    "'",
    '"',
    '$$',
    '$a$',
    '/*',
    '*/',
    '--',
    '(',
    ')',
    'select',
    'e',
    "E'",
    "b'",
    "u&'",
    '1',
    '.',
  ],
  ...[
    'create function f()',
    ' begin ',
    ' end ',
    ' case ',
    'é',
    '水',
    '+',
    '-',
    '/',
    '*',
    '[',
    '\r',
    '::',
    'copy t from stdin',
  ],
);
const script = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''));

function lexerWith(variables: Readonly<Record<string, string>> = {}): ScriptLexer {
  return new ScriptLexer({
    variable: (name) => variables[name],
    active: () => true,
    connected: () => true,
    shell: async () => '',
    report: () => undefined,
  });
}

/** Statements as they are sent; the text that is left at the end comes last. */
function statementsOf(lexer: ScriptLexer, lines: readonly string[]): string[] {
  const sent: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (lexer.dropsLine(line)) continue;
    lexer.startLine(line, { line: index + 1, standardStrings: true });
    for (let event = lexer.next(); event.kind !== 'end'; event = lexer.next())
      if (event.kind === 'statement') sent.push(event.query.text);
  }
  const rest = lexer.finish();
  return rest === undefined ? sent : [...sent, rest.text];
}

test('lexer: nothing is lost but blanks and line comments between statements, and empty lines', () => {
  fc.assert(
    fc.property(script, (text) => {
      let at = 0;
      for (const statement of statementsOf(lexerWith(), text.split('\n'))) {
        at = /(?:[ \t\n\r\f]|--[^\n\r]*)*/y.exec(text.slice(at))![0].length + at;
        for (const character of statement) {
          while (text[at] === '\n' && character !== '\n') at++;
          assert.ok(text.startsWith(character, at), `${JSON.stringify(statement)} of ${JSON.stringify(text)}`);
          at += character.length;
        }
      }
      assert.match(text.slice(at), /^(?:[ \t\n\r\f]|--[^\n\r]*)*$/);
    }),
    { numRuns: 2000 },
  );
});

test('lexer: a line means the same when it is the value of a variable', () => {
  fc.assert(
    fc.property(script, (text) => {
      const line = text.replaceAll('\n', ' ');
      assert.deepEqual(statementsOf(lexerWith({ v: line }), [':v']), statementsOf(lexerWith(), [line]));
    }),
    { numRuns: 1000 },
  );
});

test('lexer: every character of a statement is traced back to where it was written', () => {
  fc.assert(
    fc.property(script, (text) => {
      const lines = text.split('\n');
      const lexer = lexerWith();
      for (const [index, line] of lines.entries()) {
        if (lexer.dropsLine(line)) continue;
        lexer.startLine(line, { line: index + 1, standardStrings: true });
        for (let event = lexer.next(); event.kind !== 'end'; event = lexer.next())
          if (event.kind === 'statement') checkOrigins(event.query, lines);
      }
    }),
    { numRuns: 500 },
  );
});

function checkOrigins(
  query: { text: string; origin(index: number): { line: number; column: number } | undefined },
  lines: readonly string[],
) {
  for (let index = 0; index < query.text.length; index++) {
    if (query.text[index] === '\n') continue;
    const { line, column } = query.origin(index)!;
    assert.equal(lines[line - 1]![column - 1], query.text[index]);
  }
}

test('lexer: comments end where a plain reading of their rules says', () => {
  const text = fc.array(fc.constantFrom('/', '*', '/*', '*/', 'x'), { maxLength: 30 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 3 }), (comment, depth) => {
      assert.deepEqual(scanComment(comment, 0, depth), readComment(comment, depth));
    }),
    { numRuns: 2000 },
  );
});

function readComment(text: string, depth: number): { end: number; depth: number } {
  let at = 0;
  let left = depth;
  while (left > 0 && at < text.length) {
    const step = text.startsWith('/*', at) ? 1 : text.startsWith('*/', at) ? -1 : 0;
    left += step;
    at += step === 0 ? 1 : 2;
  }
  return { end: at, depth: left };
}

/** Lines that a lexer of more than linear cost would not get through. */
const hard: Readonly<Record<string, string>> = {
  'comments that nest': '/*'.repeat(1_000_000),
  'comments that open and close': `${'/*'.repeat(500_000)}${'*/'.repeat(500_000)}`,
  'slashes and stars': '/*/'.repeat(700_000),
  'many strings': "'a' ".repeat(500_000),
  'doubled quotes': `'${"''".repeat(1_000_000)}`,
  'strings with carriage returns between': "'a'\r".repeat(500_000),
  'dollar signs': '$'.repeat(2_000_000),
  'dollar quotes that do not close': '$a$$b$'.repeat(300_000),
  'open parentheses': '('.repeat(2_000_000),
  'digits and dots': '1.'.repeat(1_000_000),
  exponents: '1e+'.repeat(700_000),
  'one word': 'a'.repeat(2_000_000),
  'dashes after strings': `'a' ${'-- '.repeat(700_000)}`,
  blanks: ' '.repeat(2_000_000),
  colons: ":'a".repeat(700_000),
  'many statements': 'select 1;'.repeat(200_000),
};
for (const [what, line] of Object.entries(hard))
  test(`lexer: a line of megabytes, ${what}`, () => {
    const sent = statementsOf(lexerWith(), [line, ';']);
    assert.ok(sent.join('').length >= line.trim().length);
  });

test('lexer: ten thousand variables inside one another', () => {
  const depth = 10_000;
  const chain = Object.fromEntries(Array.from({ length: depth }, (_, n) => [`v${n}`, `:v${n + 1} `]));
  assert.deepEqual(statementsOf(lexerWith({ ...chain, [`v${depth}`]: 'x' }), ['select :v0;']), [
    `select x${' '.repeat(depth)};`,
  ]);
});
