import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import type pg from 'pg';
import { withClient } from '../../src/postgres/client.js';
import { runScript } from '../../src/script/run.js';
import { withCluster } from '../support/cluster.js';
import { Judge, psqlVersion } from './conformance.js';

/** Pieces that mean much to a reader of scripts, in any order. */
const pieces = fc.oneof(
  fc.constantFrom(
    'select 1 as a;',
    "select 'x;y' as b;",
    'insert into a values (1);',
    'insert into a values (:n);',
    'create table a (n int);',
    'select nope;',
    'begin;',
    'commit;',
    'rollback;',
    'savepoint s;',
    'rollback to s;',
    '\\set n 5',
    '\\echo :n',
    '\\if :{?n}',
    '\\if no',
    '\\else',
    '\\endif',
    '\\gset',
    '\\g',
    '\\;',
    '\\r',
    '\\set ON_ERROR_STOP on',
    '\\set ON_ERROR_ROLLBACK on',
    '\\set AUTOCOMMIT off',
    '\\i other.sql',
    "select 'insert into a values (7)' \\gexec",
    '\\q',
  ),
  fc.constantFrom(
    "'",
    '"',
    '(',
    ')',
    ';',
    '$$',
    '/*',
    '*/',
    '--',
    '\\\\',
    ':n',
    ":'n'",
    '::int',
    '\n',
    '\r\n',
    'a',
    '1',
  ),
);

const scripts = fc
  .array(fc.tuple(pieces, fc.constantFrom('\n', ' ')), { maxLength: 14 })
  .map((words) => words.map(([piece, gap]) => piece + gap).join(''));

test('generated scripts never differ from psql', {
  skip: (await psqlVersion()) === undefined && 'there is no psql here to judge',
}, async () => {
  await withCluster(async (cluster) => {
    const judge = new Judge(cluster);
    await judge.prepare();
    const files = { 'other.sql': '\\echo other\nselect 1/0;\ninsert into a values (3);\n' };
    const agree = fc.asyncProperty(scripts, async (script) => {
      assert.deepEqual(await judge.ours({ script, files }), await judge.psql({ script, files }));
    });
    await fc.assert(agree, { numRuns: Number(process.env.FUZZ_RUNS ?? 40) });
  });
});

/** Statements of which some fail, with transaction control in between. */
const statements = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.nat(999).map((n) => `insert into t values (${n});`) },
    { weight: 1, arbitrary: fc.constant('insert into t values (1/0);') },
    { weight: 1, arbitrary: fc.constantFrom('begin;', 'commit;', 'rollback;', 'savepoint s;', 'rollback to s;') },
  ),
  { maxLength: 60 },
);

test('no statement behind a failure takes effect, however many were sent ahead', async () => {
  await withCluster(async ({ url }) => {
    await withClient(url, async (client) => {
      const agree = fc.asyncProperty(statements, fc.boolean(), fc.nat(4), async (lines, batch, pauseAfter) => {
        const expected = await inOrder(client, lines);
        await client.query('drop table if exists t; create table t (n int)');
        const input = Readable.from(pieceByPiece(client, lines, pauseAfter));
        await runScript({ connection: url, file: '-', input, batch });
        assert.deepEqual(await rowsOf(client), expected);
      });
      await fc.assert(agree, { numRuns: 40 });
    });
  });
});

/** A script that arrives so slowly, every so many lines, that the server has answered what it got before the next one is read. */
async function* pieceByPiece(client: pg.Client, lines: readonly string[], pauseAfter: number): AsyncGenerator<string> {
  for (const [index, line] of lines.entries()) {
    if (pauseAfter > 0 && index % pauseAfter === 0) await client.query('select pg_sleep(0.002)');
    yield `${line}\n`;
  }
}

/** What is left when the statements are sent one by one up to the first that fails, and the connection is closed then. */
async function inOrder(client: pg.Client, lines: readonly string[]): Promise<string[]> {
  await client.query('drop table if exists t; create table t (n int)');
  try {
    for (const line of lines) await client.query(line);
  } catch {
    // The first failure ends the script.
  }
  await client.query('rollback');
  return rowsOf(client);
}

async function rowsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ n: string }>('select n::text from t order by n');
  return rows.map(({ n }) => n);
}
