import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Judge, psqlVersion } from '../script/conformance.js';
import { withCluster } from '../support/cluster.js';

/** What random scripts are made of: beginnings and ends of everything that the lexer knows, and some commands. */
const pieces = fc.constantFrom(
  ...[
    'select 1',
    'select ',
    ' as x',
    ';',
    ';',
    ';',
    '\n',
    '\n',
    '\n',
    ' ',
    '\t',
    '\r',
    "'",
    '"',
    '$$',
    '$a$',
    '/*',
    '*/',
  ],
  ...[
    '--',
    '(',
    ')',
    'a',
    'é',
    '水',
    "E'",
    "b'",
    "u&'",
    'U&"',
    "n'",
    '1',
    '1e',
    '.',
    '..',
    '$1',
    '+',
    '-',
    '[',
    ']',
    ',',
  ],
  ...[':v', ":'v'", ':"v"', ':{?v}', ':w', ':u', ':r', '::', ':=', ':', '\\', '\\\\', '\\;', '\\:', '`', '`echo hi`'],
  ...[
    '\\echo ',
    '\\echo a ',
    "\\echo ':v'",
    '\\qecho ',
    '\\warn ',
    '\\set v ',
    "\\set q 'x'",
    '\\unset v',
    '\\set x :v :w',
  ],
  ...[
    '\\if ',
    'true',
    'false',
    '\\elif ',
    '\\else',
    '\\endif',
    '\\g',
    '\\gx',
    '\\gset',
    '\\gset p_',
    '\\gexec',
    '\\p',
    '\\r',
  ],
  ...[
    '\\q',
    '\\x',
    '\\t',
    '\\a',
    '\\pset null x',
    '\\i nofile',
    '\\unknown',
    'create function f() ',
    'begin ',
    'end',
    'case ',
  ],
  ...[
    'begin;',
    'rollback;',
    'commit;',
    'select 1/0;',
    'generate_series(1, 3)',
    "do $$ begin raise notice 'n'; end $$;",
  ],
  ...[
    'set standard_conforming_strings = off;\n',
    '\\set ON_ERROR_STOP on\n',
    '\\set AUTOCOMMIT off\n',
    '\\set QUIET on\n',
  ],
  ...['\\set ECHO all\n', '\\set ECHO errors\n', '\\set VERBOSITY verbose\n', '\\set VERBOSITY terse\n'],
  ...['\\set ON_ERROR_ROLLBACK on\n', '\\set SINGLELINE on\n'],
);
const prologue = "\\set v 'val'\n\\set w 'a;b'\n\\set r ':r'\n";
const script = fc.array(pieces, { minLength: 3, maxLength: 30 }).map((parts) => prologue + parts.join(''));

/** More and other scripts than the usual ones can be asked for. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 40);
const seed = Number(process.env.FUZZ_SEED ?? 1);

test('random scripts do what they do under psql', {
  skip: (await psqlVersion()) === undefined && 'psql is not installed',
}, async () => {
  await withCluster(async (cluster) => {
    const judge = new Judge(cluster);
    await judge.prepare();
    const property = fc.asyncProperty(script, async (text) => {
      const given = { script: text, args: ['-e', '-f', 's.sql'] };
      // psql 15 has `\do` (it lists operators), which begins like one of the statements.
      fc.pre(!text.includes('\\do '));
      assert.deepEqual(await judge.ours(given), await judge.psql(given));
    });
    await fc.assert(property, { numRuns, seed });
  });
});
