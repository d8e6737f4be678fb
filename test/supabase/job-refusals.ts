import assert from 'node:assert/strict';
import { withClient } from '../../src/postgres/client.js';
import { assertNoSecret, database, outcomes } from './job-lifecycle.js';
import { type Case, hostilePassword, type Place, type RunOptions } from './place.js';

const lockKey = '32488822435963257';

/** What is wrong with a run, and how the message begins that it leaves. */
const faults: readonly (readonly [what: string, options: RunOptions, message: RegExp])[] = [
  [
    'a wrong password',
    { secret: { password: 'wr:ong/p@ss' } },
    /^00-initial-schema\.sql: cannot connect to .*\n.*password authentication failed for user "db-admin"/,
  ],
  [
    'a database that is not there',
    { secret: { database: 'absent' } },
    /^00-initial-schema\.sql: cannot connect to .*\n.*database "absent" does not exist/,
  ],
  [
    'a host that does not answer',
    { secret: { host: '/nonexistent' }, env: { CONNECT_SECONDS: '0' } },
    /^00-initial-schema\.sql: \/nonexistent did not answer within 0 s\n.*No such file or directory/,
  ],
  [
    'a port that is none',
    { secret: { port: 'five' } },
    /^00-initial-schema\.sql: PGPORT is no number: see the database's Secret/,
  ],
  [
    'an empty value',
    { secret: { database: '' } },
    /^00-initial-schema\.sql: PGDATABASE is empty: see the database's Secret/,
  ],
  [
    'a value with the line break of echo',
    { secret: { password: `${hostilePassword}\n` } },
    /^00-initial-schema\.sql: PGPASSWORD holds a line break: see the database's Secret/,
  ],
  [
    'a user who may not make the record',
    { secret: { username: 'mere-user' } },
    /^00-initial-schema\.sql: the session that holds the lock has ended\n.*ledger\.sql:\d+: ERROR: {2}permission denied for database/,
  ],
  [
    'a user who may not make roles',
    { secret: { username: 'mere-user', database: 'mere' } },
    /^00-initial-schema\.sql: failed\n.*00-initial-schema\.sql:\d+: ERROR: {2}permission denied/,
  ],
  [
    'an SQL file with an error',
    {
      extra: {
        '90-own.sql': 'BEGIN; CREATE TABLE half (a int);\nSELECT 1/0; COMMIT;\nCREATE TABLE other_half (a int);',
      },
    },
    /^90-own\.sql: failed\n.*90-own\.sql:2: ERROR: {2}division by zero/,
  ],
];

/** Runs that must fail, visibly, and change nothing. */
export const refusals: readonly Case[] = [
  [
    'somebody owns a database and may do nothing else',
    async (place) => {
      await place.createDatabase('mere');
      await place.query(database, `CREATE ROLE "mere-user" LOGIN PASSWORD $p$${hostilePassword}$p$`);
      await place.query(database, 'ALTER DATABASE mere OWNER TO "mere-user"');
    },
  ],
  ...faults.map(
    ([what, options, message]): Case => [
      `${what} ends the run with status 1, and the message says which file and why`,
      async (place) => {
        const before = await recorded(place);
        const ended = await place.run(database, options);
        assert.equal(ended.status, 1, ended.log);
        assert.match(ended.terminationMessage, message);
        assertNoSecret(ended.log, ended.terminationMessage);
        assert.deepEqual(
          outcomes(ended.log).filter((line) => line.startsWith('90-') && line.endsWith('applied')),
          [],
        );
        assert.deepEqual(await recorded(place), before);
      },
    ],
  ),
  [
    'nothing of a file that failed is left',
    async (place) => {
      const [row] = await place.query(
        database,
        "SELECT to_regclass('half') AS half, to_regclass('other_half') AS other",
      );
      assert.deepEqual(row, { half: null, other: null });
    },
  ],
  [
    'a message is at most 4096 bytes of whole lines',
    async (place) => {
      const flood = `DO $$BEGIN FOR i IN 1..200 LOOP RAISE WARNING '% ${'é'.repeat(60)}', i; END LOOP; END$$;`;
      const { status, log, terminationMessage } = await place.run(database, { extra: { '90-flood.sql': flood } });
      assert.equal(status, 0, log);
      assert.ok(Buffer.byteLength(terminationMessage) <= 4096);
      assert.match(
        terminationMessage,
        /^\d applied, \d skipped\n[\s\S]*90-flood\.sql: applied, warnings:\n {2}1 é+\n[\s\S]*é\n$/,
      );
    },
  ],
  [
    'who holds the lock, be it Slipway itself, is waited for, but not for ever',
    async (place) => {
      const { host, port, user } = place.cluster;
      await withClient({ host, port: String(port), user, dbname: database }, async (client) => {
        await client.query(`SELECT pg_advisory_lock(${lockKey})`);
        const ended = await place.run(database, { env: { LOCK_SECONDS: '0' } });
        assert.equal(ended.status, 1, ended.log);
        assert.match(
          ended.terminationMessage,
          /^00-initial-schema\.sql: another run holds the lock of the database since 0 s/,
        );
        const waiting = await place.start(database);
        await client.query(`SELECT pg_advisory_unlock(${lockKey})`);
        assert.equal((await waiting.ended).status, 0);
      });
    },
  ],
];

async function recorded(place: Place): Promise<unknown> {
  return place.query(
    database,
    "SELECT file, max(id) FROM supabase_slipway.migration WHERE file !~ '^0[12]' GROUP BY file ORDER BY file",
  );
}
