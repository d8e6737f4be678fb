import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSecrets } from '../../src/provision/secrets/read.js';
import { parseSpec } from '../../src/provision/spec/read.js';
import { withDirectory } from '../support/cluster.js';
import { lookUp, lookUpOne, wordsOf } from './lookup.js';

const files: Readonly<Record<string, string | Buffer>> = {
  plain: 'hunter2',
  line: 'hunter2\n',
  lines: 'hunter2\n\n',
  windows: 'hunter2\r\n',
  blank: '  hunter2 ',
  empty: '',
  newline: '\n',
  nul: 'hun\0ter2',
  binary: Buffer.from([0x68, 0xff, 0xfe]),
};

/** A reference in a directory with the files above, where SECRET is set and NONE is empty, and what comes of it. */
const cases: readonly (readonly [reference: string, expected: string | RegExp])[] = [
  ['{ env: SECRET }', 'hunter2\n'],
  ['{ env: NONE }', /^failed: environment variable NONE is empty$/],
  ['{ env: UNSET }', /^failed: the environment variable UNSET is not set$/],
  ['{ file: plain }', 'hunter2'],
  ['{ file: line }', 'hunter2'],
  ['{ file: lines }', 'hunter2\n'],
  ['{ file: windows }', 'hunter2'],
  ['{ file: blank }', '  hunter2 '],
  ['{ file: empty }', /^failed: file .*\/empty is empty$/],
  ['{ file: newline }', /^failed: file .*\/newline is empty$/],
  ['{ file: nul }', /^failed: file .*\/nul holds a NUL character/],
  ['{ file: binary }', /^failed: file .*\/binary is not UTF-8 text$/],
  ['{ file: none }', /^failed: cannot read the secret in .*\/none: there is no such file$/],
  ['{ file: . }', /^failed: cannot read the secret in .*: EISDIR/],
  ['{ exec: [cat, line] }', 'hunter2'],
  ['{ exec: [echo, "a b", "$HOME; *"] }', 'a b $HOME; *'],
  ['{ exec: [/bin/sh, -c, "printf %s \\"$SECRET\\""] }', 'hunter2'],
  ['{ exec: ["true"] }', /^failed: program true is empty$/],
  ['{ exec: [sh, -c, "cat line; echo not today >&2; exit 3"] }', /^failed: program sh ended with status 3: not today$/],
  ['{ exec: [sh, -c, "cat line; cat line >&2; exit 3"] }', /^failed: program sh ended with status 3: \[secret\]$/],
  ['{ exec: [sh, -c, "kill -TERM $$"] }', /^failed: program sh was ended by SIGTERM$/],
  ['{ exec: [nonexistent-program] }', /^failed: program nonexistent-program was not found$/],
  ['{ exec: [./plain] }', /^failed: program \.\/plain could not be run \(EACCES\)$/],
  ['{ exec: [sh, -c, "yes hunter2 | head -c 2000000"] }', /^failed: program sh printed more than 1048576 bytes$/],
  ['{ exec: [cat] }', /^failed: program cat is empty$/],
];

for (const [reference, expected] of cases) {
  test(`${reference} is looked up`, () =>
    withFiles(async (directory) => {
      const found = await lookUpOne(reference, { directory, env: { SECRET: 'hunter2\n', NONE: '' } });
      if (typeof expected === 'string') return assert.equal(found, expected);
      assert.match(found, expected);
      assert.doesNotMatch(found, /hunter2/);
    }));
}

test("one service's missing secret leaves the others theirs", async () => {
  const found = await lookUp('{ a: { password: { env: A } }, b: { password: { env: B } } }', { env: { A: 'hunter2' } });
  assert.deepEqual([...found.values()].map(wordsOf), ['hunter2', 'failed: the environment variable B is not set']);
});

test('a program is run once, however many services name it', () =>
  withDirectory(async (directory) => {
    const password = '{ exec: [sh, -c, "echo has-run >>counted; echo hunter2"] }';
    await lookUp(`{ a: { password: ${password} }, b: { password: ${password} } }`, { directory });
    assert.equal(await lookUpOne('{ file: counted }', { directory }), 'has-run');
  }));

test("the administrator's password is read with the others, and without it there is nothing to do", async () => {
  const text = 'version: 1\nserver: { password: { env: ADMIN } }\nservices: { a: { password: { env: A } } }';
  const spec = parseSpec('services.yaml', text, {});
  const read = (env: NodeJS.ProcessEnv) => readSecrets(spec, spec.services, { env, generate: false });
  assert.equal((await read({ ADMIN: 'hunter2' })).administrator?.reveal(), 'hunter2');
  await assert.rejects(read({}), /^UserError: the environment variable ADMIN is not set$/);
});

function withFiles(use: (directory: string) => Promise<void>): Promise<void> {
  return withDirectory(async (directory) => {
    for (const [name, content] of Object.entries(files))
      await writeFile(join(directory, name), content, { mode: 0o600 });
    await use(directory);
  });
}
