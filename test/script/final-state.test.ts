import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type pg from 'pg';
import { withClient } from '../../src/postgres/client.js';
import { dumpSchema } from '../../src/postgres/dump/dump.js';
import { root } from '../support/cli.js';
import { withCluster } from '../support/cluster.js';
import { Judge, psqlVersion, type Seen } from './conformance.js';

/** Without the subscription, which keeps a database from being dropped. */
const everyKind = (await readFile(join(root, 'test', 'postgres', 'every-kind.sql'), 'utf8'))
  .split('\n')
  .filter((line) => !/SUBSCRIPTION/.test(line))
  .join('\n');
const data = `
COPY shop."Customer" (name) FROM STDIN;
one
tw\\to
\\.
INSERT INTO shop."Customer" (name) VALUES ('three');
`;

/** Large scripts, with the options to run them under. */
const scripts: readonly (readonly [name: string, script: string, options: readonly string[]])[] = [
  ['an object of every kind', everyKind, []],
  ['an object of every kind, echoed', everyKind, ['-a']],
  ['rows that are copied and inserted', `CREATE SCHEMA shop; CREATE TABLE shop."Customer" (name text);${data}`, []],
  ['a failure in one transaction', `${everyKind}\nSELECT 1/0;\n`, ['-1', '-v', 'ON_ERROR_STOP=1']],
];

test(
  'a large script leaves a database that a dump and a checksum of each table cannot tell from what psql leaves',
  {
    skip: (await psqlVersion()) === undefined && 'there is no psql here to judge',
  },
  (t) =>
    withCluster(async (cluster) => {
      const judge = new Judge(cluster);
      for (const [name, script, options] of scripts) {
        const given = { script, args: [...options, '-f', 's.sql'] };
        await t.test(name, async () => {
          const expected = await seenAndLeft(judge, () => judge.psql(given));
          assert.deepEqual(await seenAndLeft(judge, () => judge.ours(given)), expected);
        });
      }
    }),
);

/** What a run in a new database shows, the schema it leaves, and a checksum of each table. */
async function seenAndLeft(judge: Judge, run: () => Promise<Seen>) {
  await judge.prepare();
  const seen = await run();
  const dump = await dumpSchema(judge.connection, { env: {} });
  return { ...seen, dump, checksums: await withClient(judge.connection, checksums, { env: {} }) };
}

async function checksums(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', relnamespace::regnamespace, relname) AS name FROM pg_class
      WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1`,
  );
  const sums: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query(`SELECT md5(string_agg(t::text, '/' ORDER BY t::text)) AS sum FROM ${name} t`);
    sums.push(`${name} ${rows[0].sum}`);
  }
  return sums;
}
