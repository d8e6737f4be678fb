import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readMigrations } from '../../src/migrate/files.js';
import type { Variables } from '../../src/migrate/migration.js';
import { withDirectory } from '../support/cluster.js';
import { flat } from './workbench.js';

const n = '20240101000000-n';

async function read(directory: string, files: Readonly<Record<string, string | Buffer>>, variables: Variables = {}) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    if (!path.endsWith('/')) await writeFile(join(directory, path), text);
  }
  return readMigrations({ directory, cwd: directory, env: {}, variables });
}

/** Files, and what is said of them: place and message, joined. */
const faulty: readonly (readonly [
  name: string,
  files: Readonly<Record<string, string | Buffer>>,
  ...faults: RegExp[],
])[] = [
  ['13 digits', { '2024010100000-n.sql': flat('SELECT 1;') }, /^2024010100000-n\.sql: its name begins with 13 digits/],
  ['15 digits', { '202401010000000-n/up.sql': 'SELECT 1;' }, /begins with 15 digits/],
  ['an underscore', { '20240101000000_n.sql': flat('SELECT 1;') }, /a dash has to follow/],
  ['no name', { '20240101000000-.sql': flat('SELECT 1;') }, /nothing follows the dash/],
  [
    'two of one timestamp',
    { [`${n}.sql`]: flat('SELECT 1;'), '20240101000000-m.sql': flat('SELECT 1;') },
    /^20240101000000-n\.sql: its timestamp 20240101000000 is that of 20240101000000-m\.sql too/,
  ],
  ['no up.sql', { [`${n}/down.sql`]: 'SELECT 1;' }, /^20240101000000-n: missing up\.sql$/],
  ['neither', { [`${n}/README`]: '' }, /^20240101000000-n: missing up\.sql down\.sql$/],
  ['an empty up.sql', { [`${n}/up.sql`]: '\n' }, /^20240101000000-n\/up\.sql: the file is empty$/],
  ['an up.sql of comments', { [`${n}/up.sql`]: '-- soon\n/* /* */ */\n' }, /the file is empty$/],
  ['an empty section', { [`${n}.sql`]: flat('-- soon') }, /^20240101000000-n\.sql:2: the section migrate:up is empty$/],
  ['an empty flat file', { [`${n}.sql`]: '' }, /the file is empty$/],
  ['a flat file without sections', { [`${n}.sql`]: 'SELECT 1;' }, /it has no line -- migrate:up/],
  [
    'a second section',
    { [`${n}.sql`]: '-- migrate:up\nSELECT 1;\n-- migrate:up\n' },
    /n\.sql:3: a second section migrate:up/,
  ],
  ['an unknown section', { [`${n}.sql`]: '-- migrate:upp\nSELECT 1;' }, /n\.sql:1: there is no section migrate:upp/],
  ['an unknown option', { [`${n}.sql`]: '-- migrate:up fast\nSELECT 1;' }, /n\.sql:1: unknown option 'fast'/],
  ['a flat file that is not UTF-8', { [`${n}.sql`]: Buffer.from(flat("SELECT '\xe9';"), 'latin1') }, /it is not UTF-8/],
  [
    'both kinds of directory',
    { [`${n}/up.sql`]: 'SELECT 1;', [`${n}/up/entrypoint.sql`]: 'SELECT 1;' },
    /there is .*\/up\/ as well/,
  ],
  [
    'another kind of file',
    { '20240101000000-n.txt': '' },
    /a migration is a directory, or a file that ends with \.sql/,
  ],
  [
    'an unreadable include, with the chain',
    { [`${n}/up.sql`]: '\n\\ir a.sql\n', [`${n}/a.sql`]: '\\ir b.sql\n' },
    /^20240101000000-n\/a\.sql:1: cannot read b\.sql: No such file or directory, included from 20240101000000-n\/up\.sql:2$/,
  ],
  [
    'an unreadable include of a flat file, with its own line',
    { [`${n}.sql`]: flat('SELECT 1;\n\\i a.sql') },
    /^20240101000000-n\.sql:3: cannot read a\.sql/,
  ],
  [
    'an include of a directory',
    { [`${n}/up.sql`]: '\\ir sub\n', [`${n}/sub/x`]: '' },
    /cannot read sub: Is a directory/,
  ],
  [
    'an include that includes itself',
    { [`${n}/up.sql`]: '\\ir a.sql\n', [`${n}/a.sql`]: '\\ir a.sql\n' },
    /a\.sql includes itself/,
  ],
  ['standard input as an include', { [`${n}/up.sql`]: '\\i -\n' }, /cannot include standard input/],
  [
    'an include without a name',
    { [`${n}/up.sql`]: '\\i\n' },
    /it cannot be told which file is included: no file is named/,
  ],
  [
    'an include by an unknown variable',
    { [`${n}/up.sql`]: '\\ir :part\n' },
    /the variable part is not known before it runs/,
  ],
  [
    'an include by a shell command',
    { [`${n}/up.sql`]: '\\ir `ls`\n' },
    /the output of `ls` is not known before it runs/,
  ],
  [
    'an include by a variable that is set in an \\if',
    { [`${n}/up.sql`]: '\\if true\n\\set p a.sql\n\\endif\n\\ir :p\n', [`${n}/a.sql`]: 'SELECT 1;' },
    /the variable p is not known/,
  ],
  [
    'several faults, all at once',
    { '2024-x.sql': '', [`${n}/down.sql`]: '', '20240102000000-m.sql': '' },
    /^2024-x\.sql: its name begins with 4 digits/,
    /^20240101000000-n: missing up\.sql$/,
    /^20240102000000-m\.sql: the file is empty$/,
  ],
];

for (const [name, files, ...patterns] of faulty) {
  test(`a fault of the files: ${name}`, () =>
    withDirectory(async (directory) => {
      const { faults } = await read(directory, files);
      const texts = faults.map(({ place, message }) => `${place}: ${message}`);
      assert.equal(texts.length, patterns.length, texts.join('\n'));
      for (const [index, pattern] of patterns.entries()) assert.match(texts[index] ?? '', pattern);
    }));
}

/** Files, and what the migration covers. */
const sound: readonly (readonly [
  name: string,
  files: Readonly<Record<string, string>>,
  covered: readonly string[],
  variables?: Variables,
])[] = [
  ['a file alone', { [`${n}/up.sql`]: 'SELECT 1;' }, ['up.sql']],
  [
    'nested includes',
    { [`${n}/up.sql`]: '\\ir d/a.sql', [`${n}/d/a.sql`]: '\\ir b.sql', [`${n}/d/b.sql`]: '' },
    ['up.sql', 'd/a.sql', 'd/b.sql'],
  ],
  ['\\i from the current directory', { [`${n}/up.sql`]: `\\i ${n}/a.sql`, [`${n}/a.sql`]: '' }, ['up.sql', 'a.sql']],
  [
    '\\include_relative, quoted, behind SQL',
    { [`${n}/up.sql`]: "SELECT 1; \\include_relative 'a b.sql';", [`${n}/a b.sql`]: '' },
    ['up.sql', 'a b.sql'],
  ],
  [
    'an include by a variable that is given',
    { [`${n}/up.sql`]: '\\ir :{?x} \\ir :part', [`${n}/a.sql`]: '', [`${n}/TRUE`]: '' },
    ['up.sql', 'TRUE', 'a.sql'],
    { part: 'a.sql', x: '' },
  ],
  [
    'an include by a variable that is \\set',
    { [`${n}/up.sql`]: '\\set p a\n\\ir :p.sql', [`${n}/a.sql`]: '' },
    ['up.sql', 'a.sql'],
  ],
  [
    'both branches of an \\if',
    { [`${n}/up.sql`]: '\\if :{?x}\n\\ir a.sql\n\\else\n\\ir b.sql\n\\endif', [`${n}/a.sql`]: '', [`${n}/b.sql`]: '' },
    ['up.sql', 'a.sql', 'b.sql'],
  ],
  [
    'no include in a comment, a string, a body or COPY data',
    { [`${n}/up.sql`]: "-- \\i no\nSELECT '\\i no', $$\n\\i no\n$$;\nCOPY t FROM STDIN;\n\\i no\n\\.\nSELECT 1;" },
    ['up.sql'],
  ],
  ['\\cd before \\i', { [`${n}/up.sql`]: `\\cd ${n}\n\\i a.sql`, [`${n}/a.sql`]: '' }, ['up.sql', 'a.sql']],
];

for (const [name, files, covered, variables = {}] of sound) {
  test(`what a migration includes: ${name}`, () =>
    withDirectory(async (directory) => {
      const { migrations, faults } = await read(directory, files, variables);
      assert.deepEqual(faults, []);
      const names = migrations.flatMap(({ up }) => up.sources.map((source) => source.name));
      assert.deepEqual(
        names,
        covered.map((path) => `${n}/${path}`),
      );
    }));
}

test('names with quotes, blanks and letters of any script are names; what begins with no digit is left alone', () =>
  withDirectory(async (directory) => {
    const name = `20240101000000-it's "o dd" – 日本`;
    const { migrations, faults } = await read(directory, {
      [`${name}.sql`]: flat('SELECT 1;'),
      'lib/x.sql': '',
      'README.md': '',
    });
    assert.deepEqual([migrations.map((one) => one.name), faults], [[name], []]);
  }));

test(
  'a file that may not be read is a fault of its own',
  { skip: process.getuid?.() === 0 ? 'root may read everything' : false },
  () =>
    withDirectory(async (directory) => {
      await read(directory, { [`${n}/up.sql`]: 'SELECT 1;' });
      await chmod(join(directory, n, 'up.sql'), 0);
      const { faults } = await readMigrations({ directory, cwd: directory, env: {}, variables: {} });
      assert.match(faults[0]?.message ?? '', /Permission denied/);
    }),
);

test('the hash covers every file, and neither names nor line ends', () =>
  withDirectory(async (directory) => {
    const hash = async (folder: string, files: Readonly<Record<string, string>>) => {
      const there = Object.fromEntries(Object.entries(files).map(([path, text]) => [`${n}/${path}`, text]));
      const { migrations } = await read(join(directory, folder), there);
      return migrations[0]?.up.hash;
    };
    const base = { 'up.sql': '\\ir a.sql\n', 'a.sql': 'SELECT 1;\n' };
    const expected = await hash('base', base);
    assert.equal(await hash('crlf', { 'up.sql': '\\ir a.sql\r\n', 'a.sql': 'SELECT 1;\r\n' }), expected);
    assert.equal(await hash('entry', { 'up/entrypoint.sql': base['up.sql'], 'up/a.sql': base['a.sql'] }), expected);
    assert.equal(await hash('down', { ...base, 'down.sql': 'SELECT 2;' }), expected);
    assert.notEqual(await hash('edited', { ...base, 'a.sql': 'SELECT 2;\n' }), expected);
    assert.notEqual(await hash('moved', { 'up.sql': '\\ir a.sql\nSELECT', 'a.sql': ' 1;\n' }), expected);
  }));
