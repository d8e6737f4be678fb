import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript, withSession } from '../../src/script/run.js';
import { withCluster } from '../support/cluster.js';

/** A block of in-line data that would be noticed if it ran as SQL. */
const block = "insert into seen values ('data ran as SQL');\n\\.\n";
const next = "insert into seen values ('next');\n";

/**
 * Scripts, and what they leave in the table `seen`: the in-line data of a COPY that never asked for them are dropped, as psql has done
 * since 15.19 (CVE-2026-6464), whatever psql there is to ask.
 */
const scripts: readonly (readonly [what: string, script: string, seen: readonly string[]])[] = [
  ['a COPY that fails', `copy nowhere from stdin;\n${block}${next}`, ['next']],
  ['a COPY whose options are wrong', `copy seen from stdin (format nope);\n${block}${next}`, ['next']],
  ['a COPY with a list of columns', `copy seen (nope) from stdin;\n${block}${next}`, ['next']],
  ['one from standard output', `copy seen from stdout (nope);\n${block}${next}`, ['next']],
  ['the first of two', `copy nowhere from stdin\\; copy seen from stdin;\n${block}${block}${next}`, ['next']],
  ['the second of two', `copy seen from stdin\\; copy nowhere from stdin;\na\n\\.\n${block}${next}`, ['next']],
  ['one behind a failure', `select nope\\; copy seen from stdin;\n${block}${next}`, ['next']],
  ['one in a failed transaction', `begin;\nselect nope;\ncopy seen from stdin;\n${block}rollback;\n${next}`, ['next']],
  ['one without an end', `copy nowhere from stdin;\n${next}`, []],
  ['one whose table is in a variable', `\\set t 'nowhere from stdin'\ncopy :t;\n${block}${next}`, ['next']],
  ['a cell of gexec', `select 'copy nowhere from stdin' \\gexec\n${block}${next}`, ['next']],
  ['a backslash-copy', `\\copy nowhere from stdin\n${block}${next}`, ['next']],
  ['a query that is sent by g', `copy nowhere from stdin \\g\n${block}${next}`, ['next']],
  ['one to standard output', `copy nowhere to stdout;\n${next}`, ['next']],
  ['one from a program', `copy nowhere from program 'true';\n${next}`, ['next']],
  ['one with a quoted word', `copy seen from "stdin";\n${next}`, ['next']],
  ['one that is only explained', `explain copy seen from stdin;\n${next}`, ['next']],
  ['one in parentheses', `copy (select 1 from stdin) to stdout;\n${next}`, ['next']],
  ['a name of nine parts', `copy a.b.c.d.e.f.g.h.i from stdin;\n${next}`, ['next']],
  ['one that is fed', `copy seen from stdin;\ndata\n\\.\n${next}`, ['data', 'next']],
  [
    'two that are fed',
    `copy seen from stdin\\; copy seen from stdin;\none\n\\.\ntwo\n\\.\n${next}`,
    ['one', 'two', 'next'],
  ],
];

test('in-line data that nobody asked for are not run', async (t) => {
  await withCluster(async ({ url }) => {
    for (const [what, script, seen] of scripts) {
      await t.test(what, async () => {
        const found = await withSession(url, { onErrorStop: false }, async (session) => {
          await runScript({ connection: session, text: `create temp table seen (what text);\n${script}` });
          const rows: string[] = [];
          session.events.result = (result) => {
            if (result.kind === 'rows') rows.push(...result.rows.map(([value]) => value ?? ''));
          };
          await runScript({ connection: session, text: 'select what from seen;\n' });
          return rows;
        });
        assert.deepEqual(found, seen);
      });
    }
  });
});
