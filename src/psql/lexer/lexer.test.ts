import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LexerEvent, ScriptLexer } from './lexer.js';

/** Statements as they are sent, commands as `\name`, the prompt after the last line, psql's own messages. */
interface Lexed {
  out: string[];
  prompt: string;
  messages: string[];
}

function lex(script: string, variables: Record<string, string> = {}, options = { standardStrings: true }): Lexed {
  const messages: string[] = [];
  const lexer = new ScriptLexer({
    variable: (name) => variables[name],
    active: () => true,
    connected: () => true,
    shell: async () => '',
    report: (level, message) => messages.push(`${level}: ${message}`),
  });
  const out: string[] = [];
  let prompt = 'ready';
  script.split('\n').forEach((text, index) => {
    if (lexer.dropsLine(text)) return;
    lexer.startLine(text, { line: index + 1, ...options });
    let event: LexerEvent = lexer.next();
    for (; event.kind !== 'end'; event = lexer.next())
      out.push(event.kind === 'statement' ? event.query.text : `\\${lexer.command.name()}`);
    prompt = event.prompt;
  });
  const rest = lexer.finish();
  if (rest !== undefined) out.push(rest.text);
  return { out, prompt, messages };
}

const statements: readonly [
  what: string,
  script: string,
  out: readonly string[],
  variables?: Record<string, string>,
][] = [
  ['a semicolon ends a statement and is sent with it', 'select 1;select 2;', ['select 1;', 'select 2;']],
  ['a lone semicolon is sent', ';', [';']],
  ['blanks and line comments before a statement are dropped', '  -- c\n\t select 1;', ['select 1;']],
  ['block comments before a statement are kept', '/* c */ select 1;', ['/* c */ select 1;']],
  ['line comments inside a statement are kept', 'select -- c;\n1;', ['select -- c;\n1;']],
  ['empty lines are dropped', 'select\n\n1;', ['select\n1;']],
  ['a line of blanks is kept inside a statement', 'select\n  \n1;', ['select\n  \n1;']],
  ['empty lines are kept inside a literal', "select 'a\n\nb';", ["select 'a\n\nb';"]],
  ['empty lines are kept inside a comment', 'select /*\n\n*/ 1;', ['select /*\n\n*/ 1;']],
  ['a carriage return is a blank', 'select 1;\r\nselect 2;\r', ['select 1;', 'select 2;']],
  ['what no semicolon ends is sent at the end of the file', 'select 1', ['select 1']],
  ['a comment alone is sent at the end of the file', '/* c', ['/* c']],
  ['a line comment alone is nothing', '-- c', []],
  ['text after the last semicolon starts the next statement', 'select 1; select\n2;', ['select 1;', 'select\n2;']],
  ['parentheses hide semicolons', 'create rule r as on x do (a; b);', ['create rule r as on x do (a; b);']],
  ['a closing parenthesis too many does no harm', 'select 1); select 2;', ['select 1);', 'select 2;']],
  ['square brackets hide nothing', 'select [1;', ['select [1;']],
  ['an open parenthesis swallows statements', 'select (1;\nselect 2);', ['select (1;\nselect 2);']],
  ['semicolons in literals end nothing', "select 'a;''b;' ; x", ["select 'a;''b;' ;", 'x']],
  ['a standard string ends after a backslash', "select 'a\\'; x", ["select 'a\\';", 'x']],
  ['an escape string does not', "select E'a\\';' ; x", ["select E'a\\';' ;", 'x']],
  ['an escaped backslash before the quote', "select e'a\\\\'; x", ["select e'a\\\\';", 'x']],
  ['a backslash at the end of a line protects nothing', "select e'a\\\n'; x", ["select e'a\\\n';", 'x']],
  ['a word that ends in e opens a standard string', "select type'a\\'; x", ["select type'a\\';", 'x']],
  ['N opens a plain string', "select n'a\\'; x", ["select n'a\\';", 'x']],
  ['bit strings end at the next quote', "select b'0;' , X'1;'; x", ["select b'0;' , X'1;';", 'x']],
  ['unicode strings double their quotes', "select u&'a;''\\'; x", ["select u&'a;''\\';", 'x']],
  ['unicode identifiers', 'select u&"a;""b"; x', ['select u&"a;""b";', 'x']],
  ['u& without a quote', 'select u&b; x', ['select u&b;', 'x']],
  ['quoted identifiers', 'select "a;""b\\"; x', ['select "a;""b\\";', 'x']],
  ['an escape string on the next line is a new one', "select E'a'\n'b\\'; x", ["select E'a'\n'b\\';", 'x']],
  ['a carriage return continues a string of its kind', "select E'a'\r'b\\';' ; x", ["select E'a'\r'b\\';' ;", 'x']],
  ['blanks without newline continue none', "select E'a' 'b\\'; x", ["select E'a' 'b\\';", 'x']],
  ['a newline in a value continues a string', 'select :v; x', ["select E'a'\n'b\\';' ;", 'x'], { v: "E'a'\n'b\\';' " }],
  [
    'a newline after a comment in a value too',
    'select :v; x',
    ["select E'a' --;\n'b\\';' ;", 'x'],
    { v: "E'a' --;\n'b\\';' " },
  ],
  ['dollar quotes', 'select $$a;$b$;$$ ; x', ['select $$a;$b$;$$ ;', 'x']],
  ['tagged dollar quotes', 'do $a$;$x$b$a$; x', ['do $a$;$x$b$a$;', 'x']],
  ['a tag must match exactly', 'do $a$;$A$;$aa$;$a$; x', ['do $a$;$A$;$aa$;$a$;', 'x']],
  ['a tag may hold letters beyond ASCII', 'do $é$;$é$; x', ['do $é$;$é$;', 'x']],
  ['a dollar inside a word opens nothing', 'select a$b$; x$$;', ['select a$b$;', 'x$$;']],
  ['a parameter is not a tag', 'select $1$b$;$b$; x', ['select $1$b$;$b$;', 'x']],
  ['a word after a parameter belongs to it', "select $1e'\\'; x", ["select $1e'\\';", 'x']],
  ['a word after a number belongs to it', "select 1e'\\'; x", ["select 1e'\\';", 'x']],
  ['a word after a real number', "select 1e5ae'\\'; x", ["select 1e5ae'\\';", 'x']],
  ['a word after a decimal number', "select .5e'\\'; x", ["select .5e'\\';", 'x']],
  ['a failed exponent takes its sign only', "select 1e+e'\\';' ; x", ["select 1e+e'\\';' ;", 'x']],
  ['a failed exponent hides one dash of two', 'select 1e--x; x', ['select 1e--x;', 'x']],
  ['two dots part two numbers', "select 1..5e'\\'; x", ["select 1..5e'\\';", 'x']],
  ['comments nest', 'select /* a /* ; */ ; */ 1; x', ['select /* a /* ; */ ; */ 1;', 'x']],
  ['comments nest across lines', 'select /* a\n/* ;\n */ ; */ 1; x', ['select /* a\n/* ;\n */ ; */ 1;', 'x']],
  ['slash-star-slash does not close', 'select /*/ ; */ 1; x', ['select /*/ ; */ 1;', 'x']],
  ['star-star-slash closes', 'select /***/ 1; x', ['select /***/ 1;', 'x']],
  ['an operator ends at a comment', 'select 1 +/* ; */ 2 *-- ;\n3; x', ['select 1 +/* ; */ 2 *-- ;\n3;', 'x']],
  ['quotes in a comment mean nothing', "select /* ' */ 1; -- '\nx", ["select /* ' */ 1;", 'x']],
  ['a forced semicolon', 'select 1\\; select 2;', ['select 1; select 2;']],
  ['a forced colon', 'select \\:v;', ['select :v;'], { v: '1' }],
  ['a command stops anywhere', 'select 1\\g', ['\\g', 'select 1']],
  ['a command does not clear the buffer', 'select 1\n\\echo\n, 2;', ['\\echo', 'select 1\n, 2;']],
  ['a command in a comment is none', 'select /* \\g */ 1; -- \\g', ['select /* \\g */ 1;']],
  ['a value is read as script', 'select :v', ["select ';', 1;", 'select 2;'], { v: "';', 1; select 2;" }],
  ['a value may hold a command', ':v', ['\\echo'], { v: '\\echo' }],
  ['a value may hold variables', 'select :a;', ['select 1 + 1;'], { a: ':b + :b', b: '1' }],
  ['a quote may begin in a value', "select :a b';", ["select 'a b';"], { a: "'a" }],
  ['a comment in a value ends with it', 'select 1 :c + 2;', ['select 1 -- c + 2;'], { c: '-- c' }],
  ['an unset variable is left alone', 'select :v, :\'v\', :"v";', ['select :v, :\'v\', :"v";']],
  ['a literal', "select :'v';", ["select 'it''s';"], { v: "it's" }],
  ['a literal with a backslash', "select:'v';", ["select E'\\\\';"], { v: '\\' }],
  ['an identifier', 'select :"v";', ['select "a""b";'], { v: 'a"b' }],
  ['quoted values are not read again', "select :'v';", ["select ':v;';"], { v: ':v;' }],
  ['a test', 'select :{?v}, :{?w};', ['select TRUE, FALSE;'], { v: '' }],
  ['failed forms', 'select :\'v w\', :{v}, :{?v, :"v w";', ['select :\'v w\', :{v}, :{?v, :"v w";'], { v: '1' }],
  ['a failed literal form opens a string', "select :'a; b';", ["select :'a; b';"], { a: '1' }],
  ['a cast', 'select 1::v;', ['select 1::v;'], { v: '1' }],
  ['an assignment', 'select f(a:=v);', ['select f(a:=v);'], { v: '1' }],
  ['slices are replaced', 'select a[1:b];', ['select a[12];'], { b: '2' }],
  ['a variable and then a cast', 'select [:a::b];', ['select [1::b];'], { a: '1', b: '2' }],
  [
    'no variable in quotes',
    'select \':v\', ":v", $$:v$$ /* :v */;',
    ['select \':v\', ":v", $$:v$$ /* :v */;'],
    { v: '1' },
  ],
  ['a name may start with a digit', 'select :1;', ['select 2;'], { 1: '2' }],
  [
    'a routine body hides semicolons',
    'create function f() begin atomic select 1; select case when a then b end; end; x',
    ['create function f() begin atomic select 1; select case when a then b end; end;', 'x'],
  ],
  [
    'so it does with or replace, in any case',
    'CREATE or Replace PROCEDURE f() Begin a; End; x',
    ['CREATE or Replace PROCEDURE f() Begin a; End;', 'x'],
  ],
  [
    'names and comments between do not matter',
    'create /* a */ function "begin" () begin a; end; x',
    ['create /* a */ function "begin" () begin a; end;', 'x'],
  ],
  ['begin alone does not', 'begin; a; end;', ['begin;', 'a;', 'end;']],
  [
    'nor does a function in a schema',
    'create schema s create function f() begin atomic a; end;',
    ['create schema s create function f() begin atomic a;', 'end;'],
  ],
  ['begin in parentheses', 'create function f(begin int) as 1; x', ['create function f(begin int) as 1;', 'x']],
  [
    'a forced semicolon starts anew',
    'a\\; create function f() begin a; end; x',
    ['a; create function f() begin a; end;', 'x'],
  ],
];

for (const [what, script, out, variables] of statements)
  test(`lexer: ${what}`, () => assert.deepEqual(lex(script, variables).out, out));

test('lexer: with standard_conforming_strings off, a backslash escapes in every string', () => {
  assert.deepEqual(lex("select 'a\\';' ; x", {}, { standardStrings: false }).out, ["select 'a\\';' ;", 'x']);
});

test('lexer: a variable inside its own value is left as it is, with a warning', () => {
  const { out, messages } = lex('select :a;', { a: ':b', b: ':a' });
  assert.deepEqual(out, ['select :a;']);
  assert.deepEqual(messages, ['warning: skipping recursive expansion of variable "a"']);
});

const prompts: readonly [script: string, prompt: string][] = [
  ['', 'ready'],
  ['-- c', 'ready'],
  ['select 1;', 'ready'],
  ['select', 'continue'],
  ['select (', 'paren'],
  ["select '", 'single-quote'],
  ["select ('", 'single-quote'],
  ["select x'", 'single-quote'],
  ['select "', 'double-quote'],
  ['select $$', 'dollar-quote'],
  ['/*', 'comment'],
  ['create function f() begin a;', 'continue'],
];

for (const [script, prompt] of prompts)
  test(`lexer: after ${script || 'nothing'} the prompt is ${prompt}`, () => assert.equal(lex(script).prompt, prompt));

const copies: readonly [sql: string, copies: number][] = [
  ['copy t from stdin;', 1],
  ['COPY s.t (a, b) FROM STDIN WITH (format csv);', 1],
  ['copy t from stdout;', 1],
  ['copy t to stdout;', 0],
  ['copy (select 1 from stdin) to stdout;', 0],
  ["copy t from 'stdin';", 0],
  ['copy t from "stdin";', 0],
  ["copy t from program 'x';", 0],
  ['explain copy t from stdin;', 0],
  ['copy t from stdin\\; copy u from stdin;', 2],
  ['select 1\\; copy u from stdin;', 1],
  ['copy a.b.c.d.e from stdin;', 1],
  ['copy a.b.c.d.e.f.g.h.i from stdin;', 0],
  ['create function f() begin atomic copy t from stdin; end;', 0],
  ['copy :v;', 1],
];

for (const [sql, expected] of copies)
  test(`lexer: ${sql} takes ${expected} blocks of in-line data`, () => {
    const lexer = new ScriptLexer({
      variable: (name) => (name === 'v' ? 't from stdin' : undefined),
      active: () => true,
      connected: () => true,
      shell: async () => '',
      report: () => undefined,
    });
    lexer.startLine(sql, { line: 1, standardStrings: true });
    const event = lexer.next();
    assert.equal(event.kind === 'statement' ? event.query.copies : undefined, expected);
  });
