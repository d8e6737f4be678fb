import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputStack } from '../lexer/input.js';
import type { Argument, ArgumentKind, ArgumentOptions } from './argument.js';
import { CommandScanner } from './scanner.js';

interface Scan {
  scanner: CommandScanner;
  input: InputStack;
  messages: string[];
}

const values: Record<string, string> = { v: "it's", w: 'a b', n: 'a\nb', e: '', s: '`x` :v' };

function scan(line: string, { active = true, connected = true } = {}): Scan {
  const messages: string[] = [];
  const input = new InputStack();
  input.setLine(line, 1);
  const host = {
    variable: (name: string) => values[name],
    active: () => active,
    connected: () => connected,
    shell: async (command: string) => `<${command}>`,
    report: (level: string, message: string) => void messages.push(`${level}: ${message}`),
  };
  return { scanner: new CommandScanner(input, host), input, messages };
}

function rest({ input }: Scan): string {
  return input.top.text.slice(input.top.position);
}

const names: readonly [line: string, name: string, rest: string][] = [
  ['echo a', 'echo', ' a'],
  ['gset', 'gset', ''],
  ['a\\b', 'a', '\\b'],
  ['\\ x', '', '\\ x'],
  [' x', '', ' x'],
  ['!ls', '!ls', ''],
  ['i\tx', 'i', '\tx'],
  ['echo;x', 'echo;x', ''],
];
for (const [line, name, left] of names)
  test(`command: \\${line} is named "${name}"`, () => {
    const state = scan(line);
    assert.equal(state.scanner.name(), name);
    assert.equal(rest(state), left);
  });

/** Arguments as they are read, each followed by its quote; what is left of the line comes last when it is not empty. */
const lines: readonly [line: string, found: readonly string[], kind?: ArgumentKind, options?: ArgumentOptions][] = [
  ['', []],
  ['   ', []],
  [' a  b\tc ', ['a', 'b', 'c']],
  [' a\\b', ['a', 'rest:\\b']],
  [' \\b', ['rest:\\b']],
  [" 'a b'", ["a b'"]],
  [" ''", ["'"]],
  [" 'it''s'", ["it's'"]],
  [" 'a\\n\\t\\b\\r\\f\\\\\\q'", ["a\n\t\b\r\f\\q'"]],
  [" '\\101\\x42\\x4'", ["AB\x04'"]],
  [" '\\303\\251'", ["é'"]],
  [" '\\351'", ["é'"]],
  [" a'b'c", ["abc'"]],
  [' "a b"', ['"a b""']],
  [' "a\\b"', ['"a\\b""']],
  [' a"b c"d', ['a"b c"d"']],
  [' `date`', ['<date>`']],
  [' a`x y`b', ['a<x y>b`']],
  [' `a``b`', ['<a><b>`']],
  [' `echo :v`', ["<echo it's>`"]],
  [" `echo :'v'`", [`<echo 'it'"'"'s'>\``]],
  [' `echo :"v" :{?v}`', ['<echo :"v" :{?v}>`']],
  [" `echo :'unset' :unset`", ["<echo :'unset' :unset>`"]],
  [' :v', ["it's:"]],
  [' :w', ['a b:']],
  [' a:v', ["ait's:"]],
  [' :s', ['`x` :v:']],
  [" :'v'", ["'it''s':"]],
  [' :"v"', ['"it\'s":']],
  [' :{?v} :{?u}', ['TRUE', 'FALSE']],
  [' :e', [':']],
  [' :unset', [':unset:']],
  [" :'unset'", [":'unset':"]],
  [' : :: :=', [':', '::', ':=']],
  [" ':v'", [":v'"]],
  [' a;', ['a;']],
  [' a;;', ['a'], 'normal', { stripSemicolons: true }],
  [" 'a;'", ["a;'"], 'normal', { stripSemicolons: true }],
  [" 'a;';", ["a;'"], 'normal', { stripSemicolons: true }],
  [' a;b;', ['a;b'], 'normal', { stripSemicolons: true }],
  [' ;', [], 'normal', { stripSemicolons: true }],
  [' |a b', ['|a', 'b']],
  [' |a  b \\c;', ['|a  b \\c;'], 'file-or-pipe'],
  [' a |b', ['a', '|b'], 'file-or-pipe'],
  ['   a :v \\b `c`  ', ['a :v \\b `c`  '], 'whole-line'],
  [' a ;  ;', ['a'], 'whole-line', { stripSemicolons: true }],
  ['   ', [], 'whole-line'],
  [' Ab"Cd"', ['abCd"'], 'sql-id'],
  [' "a""B"', ['a"B"'], 'sql-id'],
  [' Ab"Cd"', ['AbCd"'], 'sql-id-hack'],
  [' É', ['É'], 'sql-id'],
  [' :v `x` :{?v}', [':v:', 'x`', 'FALSE'], 'normal', { inert: true }],
];
for (const [line, found, kind, options] of lines)
  test(`command: arguments of "${line}"${kind ? ` as ${kind}` : ''}${options ? `, ${JSON.stringify(options)}` : ''}`, async () => {
    const state = scan(line);
    assert.deepEqual(await readAll(state, kind, options), found);
    assert.deepEqual(state.messages, []);
  });

async function readAll(state: Scan, kind?: ArgumentKind, options?: ArgumentOptions): Promise<string[]> {
  const found: string[] = [];
  const next = () => state.scanner.argument(kind, options);
  for (let argument: Argument | undefined = await next(); argument !== undefined; argument = await next())
    found.push(argument.text + argument.quote);
  return rest(state) === '' ? found : [...found, `rest:${rest(state)}`];
}

for (const line of [" 'a b", ' "a b', ' `a b', " x'a"])
  test(`command: in ${line} the open quote is told and the argument is missing`, async () => {
    const state = scan(line);
    assert.equal(await state.scanner.argument(), undefined);
    assert.deepEqual(state.messages, ['error: unterminated quoted string']);
    assert.equal(rest(state), '');
  });

test('command: in a skipped branch nothing is replaced or run', async () => {
  const state = scan(" :v `x` :'v'", { active: false });
  assert.deepEqual(await state.scanner.rest(), [':v', 'x', ":'v'"]);
});

test('command: quoting a value needs a connection', async () => {
  const state = scan(" :'v'", { connected: false });
  assert.deepEqual(await state.scanner.rest(), [":'v'"]);
  assert.deepEqual(state.messages, ['error: cannot escape without active connection']);
});

test('command: a value with a newline is no word of the shell', async () => {
  const state = scan(" `x :'n'`");
  assert.deepEqual(await state.scanner.rest(), ["<x :'n'>"]);
  assert.deepEqual(state.messages, ['error: shell command argument contains a newline or carriage return: "a\nb"']);
});

test('command: arguments that are left over are warned of, and not evaluated', async () => {
  const state = scan(' a `b` :v \\\\ select 1');
  await state.scanner.end('x', true);
  assert.equal(rest(state), ' select 1');
  assert.deepEqual(state.messages, [
    'warning: \\x: extra argument "a" ignored',
    'warning: \\x: extra argument "b" ignored',
    'warning: \\x: extra argument ":v" ignored',
  ]);
});

test('command: after a failure the rest of the line is thrown away', async () => {
  const state = scan(' a `b` \\echo c');
  await state.scanner.end('x', false);
  assert.equal(rest(state), '');
  assert.deepEqual(state.messages, []);
});

test('command: one backslash after a command begins the next one', async () => {
  const state = scan(' a \\echo');
  await state.scanner.argument();
  await state.scanner.end('x', true);
  assert.equal(rest(state), '\\echo');
});

test('command: a command may begin in a value and go on behind it', async () => {
  const state = scan('x');
  state.input.setLine(' tail', 1);
  state.input.push('echo a', 'v');
  assert.equal(state.scanner.name(), 'echo');
  assert.deepEqual(await state.scanner.rest(), ['a', 'tail']);
});
