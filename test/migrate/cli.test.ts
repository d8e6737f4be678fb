import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { quoteIdentifier } from '../../src/sql/quote.js';
import { run } from '../support/cli.js';
import { assertStatus, flat, startBench } from './workbench.js';

const bench = await startBench();
const a = '20240101000000-add-customer';
const files = { [`${a}.sql`]: flat('SELECT 1;'), '20240102000000-add-order.sql': flat('SELECT 1;') };

/** Arguments, exit status, and what standard error says. */
const refusals: readonly (readonly [argv: readonly string[], status: number, message: RegExp])[] = [
  [['init', 'list'], 2, /^error: ambiguous subcommand: both 'init' and 'list'/],
  [['migrate', 'init'], 2, /^error: ambiguous subcommand/],
  [['status', 'migrate', 'up'], 2, /^error: ambiguous subcommand/],
  [['migrate', 'up', 'down'], 2, /^error: ambiguous migrate subcommand/],
  [['migrate', 'up', '1', 'to'], 2, /^error: ambiguous migrate subcommand/],
  [['migrate', 'down', 'up'], 2, /^error: ambiguous migrate subcommand/],
  [['migrate'], 3, /^error: migrate what\?/],
  [['migrate', 'to'], 3, /missing required argument 'name'/],
  [['migrate', 'up', '-1'], 9, /'-1' is no number of migrations/],
  [['migrate', 'up', 'x'], 9, /'x' is no number of migrations/],
  [
    ['migrate', 'to', 'add-custmer'],
    9,
    /there is no migration 'add-custmer'\nhint: did you mean:\nhint: {3}20240101000000-add-customer/,
  ],
  [['repair', 'order'], 9, /did you mean:\nhint: {3}20240102000000-add-order\n$/],
  [['migrate', 'down', '3'], 2, /3 migrations cannot be undone: none is applied/],
  [['nope'], 9, /unknown command 'nope'/],
  [['--nope'], 9, /unknown option/],
  [['status', 'x'], 9, /'x' is one argument too many/],
  [['migrate', 'up', '--lock-timeout', 'soon'], 1, /'soon' is no duration\nhint: .*5s/],
  [['-v', 'a-b=secret', 'migrate', 'up'], 2, /^(?![\s\S]*secret)[\s\S]*invalid variable name: "a-b"/],
  [
    ['migrate', 'up', '-u', 'postgresql://u:hunter2@h:1/d?no=such'],
    1,
    /^(?![\s\S]*hunter2)error: --db-url cannot be used/,
  ],
  [
    ['migrate', 'up', '-d', '/nowhere'],
    1,
    /cannot read the migration directory \/nowhere: No such file.*\nhint: --migration-dir/,
  ],
  [['create', '-n', 'a/b'], 2, /a name holds no slash/],
];

test('what cannot be meant is refused with the status of the contract', () =>
  bench.with(files, async ({ migrator }) => {
    for (const [argv, status, message] of refusals) {
      const ended = await migrator(argv);
      assert.match(ended.stderr, message, argv.join(' '));
      assert.equal(ended.status, status, argv.join(' '));
    }
  }));

test('no database: status 3; the options count before and after the subcommand', () =>
  bench.with(files, async ({ migrator, url, root, applied }) => {
    const nothing = { DB_URL: undefined, MIGRATION_DIR: undefined };
    const directory = join(root, 'migration');
    assertStatus(await migrator(['migrate', 'up'], nothing), 3);
    assertStatus(await migrator(['-d', directory, '-u', url, 'migrate', 'up', '1'], nothing), 0);
    assertStatus(await migrator(['migrate', '-u', url, 'up', '--migration-dir', directory], nothing), 0);
    assert.equal((await applied()).length, 2);
    const old = await migrator(['--inherits', 'created_at', 'migrate', 'down', '--inherits', 'x']);
    assertStatus(old, 0);
    assert.match(old.stderr, /warning: --inherits has no effect any more/);
  }));

test('--set gives psql variables, before and after the subcommand', () =>
  bench.with(
    {
      '20240101000000-v.sql': flat(
        "CREATE TABLE public.v (x text) INHERITS (hectic.created_at);\nINSERT INTO v (x) VALUES (:'one' || :'two');",
      ),
    },
    async ({ migrator, values }) => {
      assertStatus(await migrator(['-v', "one=it's", 'migrate', 'up', '--set', 'two==2']), 0);
      assert.deepEqual(await values('SELECT x FROM v'), ["it's=2"]);
    },
  ));

test('create makes a flat file or a directory, newer than all others, which is refused while it is empty', () =>
  bench.with({ '29991231235959-far.sql': flat('SELECT 1;') }, async ({ migrator, root, write }) => {
    const directory = join(root, 'migration');
    assertStatus(await migrator(['create', '-n', 'first thing']), 0);
    assertStatus(await migrator(['create', '--dir', '--name', 'second']), 0);
    assert.deepEqual((await readdir(directory)).sort(), [
      '29991231235959-far.sql',
      '30000101000000-first thing.sql',
      '30000101000001-second',
    ]);
    assert.equal(
      await readFile(join(directory, '30000101000000-first thing.sql'), 'utf8'),
      '-- migrate:up\n\n\n-- migrate:down\n\n',
    );
    const refused = await migrator(['migrate', 'up']);
    assertStatus(refused, 1);
    assert.match(
      refused.stderr,
      /first thing\.sql:2: the section migrate:up is empty\n.*30000101000001-second\/up\.sql: the file is empty/,
    );
    await write({ '30000101000002-third/up.sql': 'SELECT 1;', '30000101000003-fourth/x': '' });
    const { stdout } = await migrator(['list']);
    assert.match(
      stdout,
      /^29991231235959-far\n[\s\S]*^30000101000002-third: missing down\.sql\n30000101000003-fourth: missing up\.sql down\.sql\n$/m,
    );
    assert.equal((await migrator(['list', '--raw'])).stdout.split('\n').length, 6);
  }));

test('a migration without its undoing is applied, and down refuses it with all others like it', () =>
  bench.with(
    { [`${a}/up.sql`]: 'SELECT 1;', '20240102000000-b/up.sql': 'SELECT 1;', '20240102000000-b/down.sql': '\n' },
    async ({ migrator, applied }) => {
      assertStatus(await migrator(['migrate', 'up']), 0);
      const { status, stderr } = await migrator(['migrate', 'down', '2']);
      assert.equal(status, 1);
      assert.match(stderr, /add-customer: missing down\.sql\n.*-b: its down\.sql is empty/);
      assert.equal((await applied()).length, 2);
    },
  ));

/** Statements that a migration must not hold, and what is said of them; the third value is true for one without a transaction. */
const forbidden: readonly (readonly [text: string, message: RegExp, stepwise?: true])[] = [
  ['SELECT 1;\nCOMMIT;', /\.sql:3: COMMIT: a migration and its record are one transaction/],
  ['/* a */ begin; SELECT 1; end;', /\.sql:2: BEGIN: .*\n.*\.sql:2: END: /],
  ['ROLLBACK;', /ROLLBACK/],
  ['START TRANSACTION;', /START TRANSACTION/],
  ["PREPARE TRANSACTION 'x';", /PREPARE TRANSACTION/],
  ['SELECT 1 \\; COMMIT;', /COMMIT/],
  ['SELECT 1;\n\\c other', /\.sql:3: \\c: another connection/],
  [
    'CREATE INDEX CONCURRENTLY i ON t (x);',
    /CREATE INDEX CONCURRENTLY.*only outside of transactions\nhint: put '-- migrate:no-transaction'/,
  ],
  ['DISCARD ALL;', /DISCARD ALL: it would give up the migrator's lock/, true],
  ['\\connect other', /\\connect: another connection/, true],
];

test('a file that commits by itself, connects elsewhere or gives the lock up is refused before it runs, with its line', () =>
  bench.with({}, async ({ migrator, write, values }) => {
    for (const [text, message, stepwise] of forbidden) {
      await write({ [`${a}.sql`]: `-- migrate:up${stepwise ? ' no-transaction' : ''}\n${text}\n` });
      const { status, stderr } = await migrator(['migrate', 'up']);
      assert.equal(status, 1, text);
      assert.match(stderr, message);
    }
    assert.deepEqual(await values('SELECT count(*)::int FROM hectic.migration'), [0]);
  }));

/** COMMITs that only show while the script runs. */
for (const [name, text] of [
  ['\\gexec', "SELECT 'COMMIT' \\gexec"],
  ['a variable', "SELECT 'COMMIT' AS c \\gset\n:c;"],
  ['ON_ERROR_STOP off', "\\set ON_ERROR_STOP off\nSELECT 'COMMIT' AS c \\gset\n:c;\nSELECT 2;"],
] as const) {
  test(`a COMMIT that comes out of ${name} is not sent either`, () =>
    bench.with(
      { [`${a}.sql`]: flat(`CREATE TABLE public.t () INHERITS (hectic.created_at);\n${text}`) },
      async ({ migrator, applied, values }) => {
        const { status, stderr } = await migrator(['migrate', 'up']);
        assert.equal(status, 4, stderr);
        assert.match(stderr, /COMMIT: a migration and its record are one transaction/);
        assert.deepEqual([await applied(), await values("SELECT to_regclass('t')")], [[], [null]]);
      },
    ));
}

test('savepoints, procedures, COPY data and a file of its own for each part are all a migration may hold', () =>
  bench.with(
    {
      [`${a}/up.sql`]:
        'CREATE TABLE public.t (x int) INHERITS (hectic.created_at);\nSAVEPOINT s;\nINSERT INTO t (x) VALUES (1);\nROLLBACK TO SAVEPOINT s;\nRELEASE s;\nCOPY t (x) FROM STDIN;\n7\n\\.\n\\ir more.sql\n',
      [`${a}/more.sql`]:
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END;\nSELECT 'commit; begin';\n",
      [`${a}/down.sql`]: 'DROP TABLE t; DROP FUNCTION f;',
    },
    async ({ migrator, values }) => {
      assertStatus(await migrator(['migrate', 'up']), 0);
      assert.deepEqual(await values('SELECT x FROM t'), [7]);
      assertStatus(await migrator(['migrate', 'down']), 0);
    },
  ));

test("the database's owner needs no superuser once the bundle is there, and is told how to do without it", () =>
  bench.with(files, async ({ migrator, client, database, applied, url }) => {
    const owner = `owner of ${database.name}`;
    await client.query(
      `CREATE ROLE ${quoteIdentifier(owner)} LOGIN; ALTER DATABASE ${quoteIdentifier(database.name)} OWNER TO ${quoteIdentifier(owner)}`,
    );
    const env = { DB_URL: url.replace(/\/\/[^@]*@/, `//${encodeURIComponent(owner)}@`) };
    assertStatus(await migrator(['migrate', 'up'], env), 0);
    assert.equal((await applied()).length, 2);
    assertStatus(await migrator(['migrate', 'down', '2'], env), 0);
    await client.query('DROP SCHEMA hectic CASCADE');
    const refused = await migrator(['migrate', 'up'], env);
    assertStatus(refused, 1);
    assert.match(refused.stderr, /hint: the first time needs a superuser[\s\S]*--no-hook/);
    const unready = await migrator(['migrate', 'up', '--no-hook'], env);
    assertStatus(unready, 2);
    assert.match(unready.stderr, /no history of migrations.*\nhint: 'migrator init' makes it/);
    assertStatus(await migrator(['init', '--no-hook'], env), 0);
    assertStatus(await migrator(['init', '--no-hook'], env), 0);
    assertStatus(await migrator(['migrate', 'up', '--no-hook'], env), 0);
    assert.equal((await applied()).length, 2);
    await client.query(
      `DROP SCHEMA hectic CASCADE; ALTER DATABASE ${quoteIdentifier(database.name)} OWNER TO CURRENT_USER; DROP ROLE ${quoteIdentifier(owner)}`,
    );
  }));

test('the executable prints its version, its help without a connection, and failures with status 4', () =>
  bench.with({ [`${a}.sql`]: flat('SELECT nope;') }, async ({ start, root, url }) => {
    const version = await run('migrator', ['-V']);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
    assert.match((await run('slipway', ['migrator', '--help'])).stdout, /^Usage: migrator/);
    const failed = await start(['migrate', 'up']).ended;
    assertStatus(failed, 4);
    assert.match(failed.stderr, /error: .*add-customer failed and was rolled back/);
    const project = { LOCAL_DIR: root, MIGRATION_DIR: join(root, 'migration'), DB_URL: url };
    assertStatus(await run('database', ['migrator', 'migrate', 'up'], project), 4);
    assert.match(
      (await run('database', ['migrator', 'status'], project)).stdout,
      /^pending {2}20240101000000-add-customer$/m,
    );
  }));
