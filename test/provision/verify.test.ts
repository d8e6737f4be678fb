import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { importServer } from '../../src/provision/import/import.js';
import { planProvision } from '../../src/provision/look.js';
import { formatMetrics, writeMetrics } from '../../src/provision/metrics.js';
import { stepsOf } from '../../src/provision/plan/plan.js';
import { pruneProvision } from '../../src/provision/prune.js';
import { parseSpec } from '../../src/provision/spec/read.js';
import { type Verification, verifyProvision } from '../../src/provision/verify/verify.js';
import { type Round, watchProvision } from '../../src/provision/watch.js';
import { done, failures, outcomes, read, type Services, withServer } from './server.js';

const services: Services = {
  one: { publicConnect: 'revoke', isolation: true },
  two: { owner: 'service', schemas: { app: { owner: 'service' } }, publicConnect: 'revoke', isolation: true },
  reader: { database: 'one', grants: { database: ['CONNECT'], schemas: { public: ['USAGE'] } } },
};

/** The checks that failed, a line each. */
function faults(verifications: readonly Verification[]): readonly string[] {
  return verifications.flatMap(({ service, checks }) =>
    checks.filter(({ ok }) => !ok).map(({ what, reason, hint }) => `${service}: ${what}: ${reason} ${hint ?? ''}`),
  );
}

test('the result is proved by doing what services do', async (t) => {
  await withServer(async ({ apply, assignment, sql, directory }) => {
    const verify = (more = {}) => verifyProvision(assignment(services, more));
    await apply(services);

    await t.test('each logs in, makes a table and is refused elsewhere, and nothing is left of it', async () => {
      const verifications = await verify();
      assert.deepEqual(faults(verifications), []);
      assert.deepEqual(
        verifications.map(({ checks }) => checks.map(({ check }) => check)),
        [
          ['login', 'table', 'isolation'],
          ['login', 'table', 'table', 'isolation'],
          ['login', 'usage'],
        ],
      );
      assert.deepEqual(await sql("select count(*)::int from pg_class where relname like 'slipway%'", 'one'), [[0]]);
    });

    for (const [name, statement, undo, said] of [
      [
        'a password that was changed',
        "alter role one password 'x'",
        undefined,
        /^one: log in to one as one: .*28P01.*apply sets it/,
      ],
      [
        'a right to log in that was taken',
        'alter role two nologin',
        'alter role two login',
        /^two: log in to two as two: .*not permitted/,
      ],
      [
        'a database that others get into',
        'grant connect on database one to public',
        'revoke connect on database one from public',
        /^two: be refused in one: two may connect to one Set publicConnect/,
      ],
      [
        'membership in a mighty role',
        'grant one to two',
        'revoke one from two',
        /^two: be refused in one: two may connect/,
      ],
    ] as const) {
      await t.test(`${name} shows`, async () => {
        await sql(statement);
        assert.match(faults(await verify()).join('\n'), said);
        if (undo !== undefined) await sql(undo);
        await apply(services);
        assert.deepEqual(faults(await verify()), []);
      });
    }

    await t.test('a right in a schema that was taken shows', async () => {
      await sql('revoke create on schema public from one', 'one');
      assert.match(faults(await verify()).join(), /^one: create and drop a table in schema public: permission denied/);
      assert.deepEqual(done(await apply(services)), ['grant CREATE on schema public in one to one']);
    });

    await t.test('a server that asks for no password proves nothing about it, and verification says so', async () => {
      const open = { trusted: { database: 'postgres', grants: {} } };
      await apply(open);
      const [verification] = await verifyProvision(assignment(open, { passwords: { trusted: read('wrong') } }));
      assert.match(verification?.checks[0]?.note ?? '', /asked for no password/);
    });

    await t.test('a services file can be written from the server, and has nothing to do', async () => {
      await sql(
        "alter role one connection limit 9; alter role two set search_path = '$user', \"a b\"; alter database two set work_mem = '8MB'",
      );
      await sql("grant one to reader; alter role two valid until '2031-01-01 10:00+02'");
      const odd = `"o'd $5 \\ 日本"`;
      await sql(`create database ${odd}`);
      await sql(`grant connect on database ${odd} to reader`);
      const { server } = assignment(services);
      const { text } = await importServer(server);
      const spec = parseSpec(join(directory, 'imported.yaml'), text, {});
      const plan = await planProvision({ server, spec, passwords: new Map() });
      assert.deepEqual([stepsOf(plan), plan.faults], [[], []]);
      const names = new Set(spec.services.map(({ database }) => database.name));
      assert.deepEqual([...names].sort(), ["o'd $5 \\ 日本", 'one', 'two']);
    });

    await t.test('pruning drops what is named, and nothing that the file asks for', async () => {
      const { server, spec } = assignment(services);
      await apply({ ...services, old: null });
      await assert.rejects(pruneProvision(server, spec, ['old', 'one', 'postgres', 'nobody']), (error: Error) => {
        assert.match(
          error.message,
          /^one is still asked for, by service one\npostgres is needed by the server itself\nthere is neither/,
        );
        return true;
      });
      const pruned = await pruneProvision(server, spec, ['old']);
      assert.deepEqual(
        pruned.map(({ step, failure }) => [step.summary, failure]),
        [
          ['drop database old', undefined],
          ['drop user old', undefined],
        ],
      );
      assert.deepEqual(await sql("select count(*)::int from pg_roles where rolname = 'old'"), [[0]]);
    });

    await t.test('watching repairs what has drifted, survives a bad round, and ends with the signal', async () => {
      const rounds: Round[] = [];
      const stop = new AbortController();
      await watchProvision({
        intervalMs: 1,
        signal: stop.signal,
        prepare: async () => {
          if (rounds.length === 1) throw new Error('no file');
          return assignment(services);
        },
        onRound: async (round) => {
          rounds.push(round);
          if (rounds.length === 2) await sql('revoke create on schema public from one', 'one');
          if (rounds.length === 3) stop.abort();
        },
      });
      assert.deepEqual(
        rounds.map((round) => ('error' in round ? String(round.error) : round.drift)),
        [0, 'Error: no file', 1],
      );
    });

    await t.test('metrics are written whole', async () => {
      const path = join(directory, 'slipway.prom');
      await writeFile(path, 'old');
      const [verifications, result] = [await verify(), await apply(services)];
      const metrics = { time: 1790000000, seconds: 1.5, drift: 0, verifications, results: result.services };
      await writeMetrics(path, metrics);
      const text = await readFile(path, 'utf8');
      assert.equal(text, formatMetrics(metrics));
      assert.match(text, /^slipway_provision_service_verified\{service="reader"\} 1$/m);
      assert.deepEqual(
        (await readdir(directory)).filter((name) => name.startsWith('slipway.prom')),
        ['slipway.prom'],
      );
    });
  });
});

test('SQL files run once, or whenever they change, in one transaction with their record', async (t) => {
  await withServer(async ({ apply, sql, directory }) => {
    const file = join(directory, "it's a $file.sql");
    const entry = (run: 'once' | 'changed', as: 'admin' | 'service' = 'service'): Services => ({
      f: { grants: { schemas: { public: ['ALL'] } }, sql: [{ file: "it's a $file.sql", run, as }] },
    });
    await t.test('with the rights that the service has been given', async () => {
      await writeFile(file, 'create table t0 (); \\echo hello\n');
      assert.deepEqual(failures(await apply({ first: { sql: [{ file: "it's a $file.sql", as: 'service' }] } })), []);
      assert.deepEqual(await sql("select tableowner::text from pg_tables where tablename = 't0'", 'first'), [
        ['first'],
      ]);
    });

    await t.test('to make what is then granted on', async () => {
      await writeFile(file, 'create schema late; create table late.t (); create extension citext schema late;\n');
      const grants = { schemas: { late: ['USAGE'] }, tables: { late: ['SELECT'] } };
      const services: Services = { second: { grants, sql: [{ file: "it's a $file.sql" }] } };
      assert.deepEqual(failures(await apply(services)), []);
      assert.deepEqual(await sql("select has_table_privilege('second', 'late.t', 'select')", 'second'), [[true]]);
    });

    await t.test('a failed file leaves nothing, and is named with its line', async () => {
      await writeFile(file, 'create schema half;\nselect 1/0;\n');
      const result = await apply(entry('once', 'admin'));
      assert.equal(outcomes(result).f, 'failed');
      assert.match(failures(result).join(), /it's a \$file\.sql:2.*division by zero/);
      assert.deepEqual(await sql("select count(*)::int from pg_namespace where nspname = 'half'", 'f'), [[0]]);
    });

    await t.test('it runs when it is right, and not again', async () => {
      await writeFile(file, 'create table t ();\n');
      assert.deepEqual(outcomes(await apply(entry('once', 'admin'))), { f: 'changed' });
      await writeFile(file, 'create table t2 ();\n');
      assert.deepEqual(done(await apply(entry('once', 'admin'))), []);
      assert.equal(done(await apply(entry('changed'))).length, 1);
      assert.deepEqual(done(await apply(entry('changed'))), []);
      assert.deepEqual(await sql("select tableowner::text from pg_tables where tablename = 't2'", 'f'), [['f']]);
    });

    await t.test('a record that a service has made up is not believed', async () => {
      await sql(
        'drop schema slipway cascade; create schema slipway authorization f; set role f; create table slipway.provision_file ()',
        'f',
      );
      assert.match(
        failures(await apply(entry('changed'), { visitAll: true })).join(),
        /slipway\.provision_file, belongs to f/,
      );
    });
  });
});
