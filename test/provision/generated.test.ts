import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { withClient } from '../../src/postgres/client.js';
import { inParallel } from '../../src/provision/parallel.js';
import { unusableReason } from '../../src/provision/passwords/usable.js';
import { asService } from '../../src/provision/server.js';
import { roleNameFault } from '../../src/provision/spec/names.js';
import { runProgram } from '../support/cluster.js';
import { psqlIsMissing } from '../support/psql.js';
import { failures, outcomes, read, type Services, type TestServer, withServer } from './server.js';

/** How many names; PROVISION_NAMES=1000 for the campaign. */
const count = Number(process.env.PROVISION_NAMES ?? 60);

const pieces = [
  "'",
  '"',
  '\\',
  '$',
  '$$',
  '\n',
  '\r',
  '\t',
  '\u{1f600}',
  '%',
  '%s',
  '--',
  ';',
  '/*',
  '*/',
  '`',
  ':name',
  ":'x'",
  '?',
  '=',
  '@',
  '#',
  ' ',
  'a',
  'Z',
  '0',
  'é',
  'ß',
  '\u0065\u0301',
  'Ω',
  '日本',
  '\u202e',
  "');DROP TABLE canary;--",
  '"; DROP TABLE canary; --',
  '\\\\',
  "\\'",
  "E'",
  '$1',
  '&',
  'ﬁ',
  '\u00a0',
  'postgresql://',
  'host=',
  '[',
  ']',
  '(',
  ')',
  ',',
  '|',
  '<',
  '>',
  '!',
  '~',
  '^',
  '*',
  '+',
  '.',
  '/',
];

function text(longest: number): string {
  return Array.from({ length: randomInt(1, longest) }, () => pieces[randomInt(pieces.length)]).join('');
}

/** Every sixteenth name is brought to 63 or 64 bytes. */
function nameAt(index: number): string {
  const name = `${text(5)}${index}`;
  if (index % 16 !== 0) return name;
  return name + 'x'.repeat(Math.max(0, (index % 32 === 0 ? 63 : 64) - Buffer.byteLength(name)));
}

interface Account {
  readonly user: string;
  readonly password: string;
  /** Can be found in any output, log or argument list, however the rest is written there. */
  readonly mark: string;
  readonly database: string;
}

function accountAt(index: number): Account {
  const user = nameAt(index);
  const mark = randomBytes(8).toString('hex');
  return { user, mark, password: `${text(6)}${mark}${text(6)}`, database: index % 4 === 0 ? user : 'postgres' };
}

test(`${count} generated names and passwords: each opens the door or is refused, and none is seen anywhere`, async (t) => {
  await withServer(async (server) => {
    const { sql, apply, cluster } = server;
    await sql('create table canary ()');
    await sql("alter system set log_statement = 'all'; ").then(() => sql('select pg_reload_conf()'));
    const accounts = Array.from({ length: count }, (_, index) => accountAt(index));
    const good = accounts.filter(({ user }) => roleNameFault(user) === undefined);
    const before = await namesOnServer(server);
    const services = Object.fromEntries(good.map((account, index) => [`s${index}`, entryFor(account)]));
    const passwords = Object.fromEntries(good.map(({ user, password }) => [user, read(password)]));

    await t.test('a name that PostgreSQL cannot keep is refused with its reason', () => {
      for (const account of accounts.filter((one) => !good.includes(one))) {
        assert.throws(
          () => server.assignment({ s: entryFor(account) }),
          /PostgreSQL keeps only 63|reserved|PostgreSQL's own/,
        );
      }
    });

    const watch = watchFor(
      accounts.map(({ mark }) => mark),
      server,
    );
    const result = await apply(services, { passwords });
    const sightings = await watch.end();
    const refused = new Set(good.filter(({ password }) => unusableReason(password) !== undefined));

    await t.test('only passwords that clients would read differently are refused', () => {
      const failed = Object.entries(outcomes(result)).filter(([, outcome]) => outcome === 'failed');
      assert.deepEqual(failed.length, refused.size, failures(result).join('\n'));
      for (const line of failures(result)) assert.match(line, /the password cannot be used/);
    });

    const usable = good.filter((account) => !refused.has(account));
    await t.test('every other one lets its user in', async () => {
      const entrance = server.assignment({ any: null }).server;
      await inParallel(usable, 4, async ({ user, password, database }) => {
        const config = asService(entrance, user, password, database);
        const found = await withClient(
          config,
          async (client) => (await client.query('select current_user as name')).rows[0],
        );
        assert.deepEqual(found, { name: user });
      });
    });

    await t.test('also with psql', { skip: psqlIsMissing ?? false }, async () => {
      await inParallel(usable, 4, async ({ user, password, database }) => {
        const place = { PGHOST: cluster.host, PGPORT: String(cluster.port), PGUSER: user, PGDATABASE: database };
        const query = ['-X', '-A', '-t', '-0', '-c', 'select current_user'];
        const ended = await runProgram('psql', query, {
          env: { ...place, PGPASSWORD: password, PGCLIENTENCODING: 'UTF8' },
        });
        assert.equal(ended.stdout, `${user}\0`, ended.stderr);
      });
    });

    await t.test('nothing else has come into being, and nothing is gone', async () => {
      const wanted = usable.flatMap(({ user, database }) => [
        `role ${user}`,
        ...(database === user ? [`database ${user}`] : []),
      ]);
      assert.deepEqual([...(await namesOnServer(server))].sort(), [...before, ...wanted].sort());
      assert.deepEqual(await sql("select to_regclass('canary') is not null"), [[true]]);
    });

    await t.test('a second run has nothing to do', async () => {
      const again = await apply(services, { passwords });
      const changed = again.services.filter(({ outcome }) => outcome !== 'skipped' && outcome !== 'failed');
      assert.deepEqual(changed, []);
    });

    await t.test('no password is in the log, the activity, an argument list or the result', async () => {
      const log = await readLogs(cluster.dataDir);
      const printed = JSON.stringify(result);
      assert.match(log, /CREATE ROLE/);
      assert.deepEqual(sightings, []);
      for (const { mark } of accounts) {
        assert.ok(!log.includes(mark), 'a password is in the log of the server');
        assert.ok(!printed.includes(mark), 'a password is in the result');
      }
    });
  });
});

function entryFor({ user, database }: Account): Services[string] {
  const grants = database === user ? { database: ['ALL'], schemas: { public: ['ALL'] } } : { database: ['CONNECT'] };
  return { user, database, grants };
}

async function namesOnServer({ sql }: TestServer): Promise<readonly string[]> {
  const rows = await sql(
    "select 'role ' || rolname from pg_roles union all select 'database ' || datname from pg_database",
  );
  return rows.map(([name]) => String(name));
}

/** Looks all the while for the marks in what sessions run and in the arguments of processes. */
function watchFor(marks: readonly string[], { sql }: TestServer): { end(): Promise<readonly string[]> } {
  const seen = new Set<string>();
  let isOver = false;
  const look = async () => {
    while (!isOver) {
      const texts = [
        ...(await sql('select query from pg_stat_activity')).flat().map(String),
        ...(await commandLines()),
      ];
      for (const line of texts) if (marks.some((mark) => line.includes(mark))) seen.add(line);
      await setTimeout(20);
    }
  };
  const looking = look();
  return {
    async end() {
      isOver = true;
      await looking;
      return [...seen];
    },
  };
}

async function commandLines(): Promise<readonly string[]> {
  const numbers = (await readdir('/proc').catch((): string[] => [])).filter((name) => /^\d+$/.test(name));
  return Promise.all(numbers.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
}

async function readLogs(dataDir: string): Promise<string> {
  const place = join(dataDir, '..');
  const names = (await readdir(place, { recursive: true })).filter(
    (name) => /log/.test(name) && !name.startsWith('data/pg_'),
  );
  const texts = await Promise.all(names.map((name) => readFile(join(place, name), 'utf8').catch(() => '')));
  return texts.join('\n');
}
