import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepsOf } from '../../src/provision/plan/plan.js';
import { done, failures, outcomes, type Services, type TestServer, withServer } from './server.js';

interface Case {
  /** The sentence about the behaviour. */
  readonly name: string;
  /** SQL before, in the maintenance database; databases are given first. */
  readonly before?: readonly string[];
  /** SQL before, in the database of the service `s`. */
  readonly inside?: string;
  readonly services: Services;
  /** Every step, in order. */
  readonly steps: readonly string[];
  /** A query in the database of the service, and what it has to answer afterwards. */
  readonly proof?: readonly [string, unknown];
}

const nothing = { grants: {} };

const cases: readonly Case[] = [
  {
    name: 'a service that is only named gets what the seed gives it',
    services: { s1: null },
    steps: [
      'create user s1',
      'create database s1',
      'grant CREATE, TEMPORARY, CONNECT on database s1 to s1',
      'grant USAGE, CREATE on schema public in s1 to s1',
    ],
    proof: [
      "select has_schema_privilege('s1', 'public', 'create') and not rolsuper from pg_roles where rolname = 's1'",
      true,
    ],
  },
  {
    name: 'a database and a user that are there are left as they are, and the grants made good',
    before: ['create database s2', "create role s2 login connection limit 7 password 'password of s2'"],
    services: { s2: null },
    steps: [
      'grant CREATE, TEMPORARY, CONNECT on database s2 to s2',
      'grant USAGE, CREATE on schema public in s2 to s2',
    ],
    proof: ["select rolconnlimit from pg_roles where rolname = 's2'", 7],
  },
  {
    name: 'only the privileges that are missing are granted, only those too many revoked',
    before: [
      'create database s3',
      "create role s3 login password 'password of s3'",
      'grant temporary on database s3 to s3',
    ],
    inside: 'grant create on schema public to s3',
    services: { s3: { grants: { database: ['CONNECT', 'TEMP'], schemas: { public: ['USAGE'] } } } },
    steps: [
      'grant CONNECT on database s3 to s3',
      'grant USAGE on schema public in s3 to s3',
      'revoke CREATE on schema public in s3 from s3',
    ],
    proof: ["select nspacl::text ~ 's3=U/' from pg_namespace where nspname = 'public'", true],
  },
  {
    name: 'what the file does not mention is not touched',
    before: [
      'create database s4',
      "create role s4 login password 'password of s4'",
      "alter role s4 set work_mem = '9MB'",
    ],
    inside: 'grant all on schema public to s4; create table t (); grant select on t to s4',
    services: { s4: nothing },
    steps: [],
    proof: ["select has_table_privilege('s4', 't', 'select')", true],
  },
  {
    name: 'a service that owns its database needs no grants',
    services: { s5: { owner: 'service' } },
    steps: ['create user s5', 'create database s5', 'grant USAGE, CREATE on schema public in s5 to s5'],
    proof: ["select pg_get_userbyid(datdba) from pg_database where datname = 's5'", 's5'],
  },
  {
    name: 'a database changes hands',
    before: ['create database s6', "create role s6 login password 'password of s6'"],
    services: { s6: { owner: 'service', grants: { database: ['ALL'] } } },
    steps: ['give database s6 to s6'],
    proof: ["select pg_get_userbyid(datdba) from pg_database where datname = 's6'", 's6'],
  },
  {
    name: 'attributes and settings of user and database follow the file',
    before: ['create database s7', "create role s7 login password 'password of s7'"],
    services: {
      s7: {
        ...nothing,
        connectionLimit: 20,
        validUntil: '2031-01-31T12:00:00+02:00',
        settings: { statement_timeout: '30s', search_path: ['$user', 'my schema', 'user'] },
        settingsInDatabase: { work_mem: '8MB' },
        database: { connectionLimit: 30, settings: { timezone: 'Asia/Tokyo' } },
      },
    },
    steps: [
      "alter user s7: connection limit 20 valid until '2031-01-31t12:00:00+02:00'",
      'set statement_timeout of user s7 to 30s',
      'set search_path of user s7 to $user, "my schema", user',
      'set the connection limit of database s7 to 30',
      'set timezone of database s7 to Asia/Tokyo',
      'set work_mem of user s7 in database s7 to 8MB',
    ],
    proof: ["select rolvaliduntil = '2031-01-31 10:00Z' from pg_roles where rolname = 's7'", true],
  },
  {
    name: 'schemas, extensions and default privileges are made',
    services: {
      s8: {
        schemas: { app: { owner: 'service' }, other: null },
        extensions: { pg_trgm: { schema: 'other' }, citext: null },
        grants: { database: ['CONNECT'], schemas: { app: ['ALL'], other: ['USAGE'] } },
        defaultPrivileges: [{ forRole: 's8', inSchemas: ['app'], tables: ['SELECT'] }],
      },
    },
    steps: [
      'create user s8',
      'create database s8',
      'grant CONNECT on database s8 to s8',
      'create schema app in s8',
      'create schema other in s8',
      'create extension pg_trgm in s8',
      'create extension citext in s8',
      'grant USAGE on schema other in s8 to s8',
      'grant SELECT to s8 on the tables that s8 will make in schema app in s8',
    ],
    proof: [
      "select string_agg(extnamespace::regnamespace::text, ' ' order by extname) from pg_extension where extname <> 'plpgsql'",
      'public other',
    ],
  },
  {
    name: 'a reader gets what is in a schema, object by object',
    before: ['create database s9', "create role s9 login password 'password of s9'", 'create role s9r'],
    inside: `create table t (); create table "T t" (); create view v as select 1; create sequence q; grant select on v to s9;
      create function f(a int, "b c" text) returns int language sql as 'select 1'; revoke all on function f from public;
      create procedure p() language sql as 'select 1'; grant insert on t to s9`,
    services: {
      s9: {
        memberOf: ['pg_read_all_settings', 's9r'],
        grants: {
          tables: { public: ['SELECT'] },
          sequences: { public: ['USAGE'] },
          functions: { public: ['EXECUTE'] },
        },
      },
    },
    steps: [
      'make s9 a member of pg_read_all_settings',
      'make s9 a member of s9r',
      'grant SELECT on 1 of 3 tables of schema public in s9 to s9',
      'grant SELECT on 1 of 3 tables of schema public in s9 to s9',
      'revoke INSERT on 1 of 3 tables of schema public in s9 from s9',
      'grant USAGE on 1 of 1 sequences of schema public in s9 to s9',
      'grant EXECUTE on 2 of 2 functions of schema public in s9 to s9',
    ],
    proof: [
      "select has_function_privilege('s9', 'f(int, text)', 'execute') and not has_table_privilege('s9', 't', 'insert')",
      true,
    ],
  },
  {
    name: 'PUBLIC loses CONNECT where that is asked for',
    services: { s10: { publicConnect: 'revoke' }, s10b: { database: 's10b' } },
    steps: [
      'create user s10',
      'create user s10b',
      'create database s10',
      'revoke CONNECT on database s10 from PUBLIC',
      'grant CREATE, TEMPORARY, CONNECT on database s10 to s10',
      'grant USAGE, CREATE on schema public in s10 to s10',
      'create database s10b',
      'grant CREATE, TEMPORARY, CONNECT on database s10b to s10b',
      'grant USAGE, CREATE on schema public in s10b to s10b',
    ],
    proof: ["select has_database_privilege('s10b', 's10', 'connect')", false],
  },
  {
    name: 'two services share a database',
    services: { s11: { owner: 'service' }, s11r: { database: 's11', grants: { schemas: { public: ['USAGE'] } } } },
    steps: [
      'create user s11',
      'create user s11r',
      'create database s11',
      'grant USAGE, CREATE on schema public in s11 to s11',
      'grant USAGE on schema public in s11 to s11r',
    ],
  },
  {
    name: 'a database gets the locale that it asks for',
    services: { s12: { ...nothing, database: { encoding: 'LATIN1', locale: 'C' } } },
    steps: ['create user s12', 'create database s12'],
    proof: ["select pg_encoding_to_char(encoding) || datcollate from pg_database where datname = 's12'", 'LATIN1C'],
  },
  {
    name: 'a user without a password gets one',
    before: ['create database s13', 'create role s13 login'],
    services: { s13: nothing },
    steps: ['set the password of s13: it has none'],
  },
  {
    name: 'an old MD5 password that is right stays',
    before: [
      'create database s14',
      "set password_encryption = 'md5'; create role s14 login password 'password of s14'",
    ],
    services: { s14: nothing },
    steps: [],
  },
];

test('a server is made as the file says, and is left alone after that', async (t) => {
  await withServer(async (server) => {
    for (const one of cases) await t.test(one.name, () => prove(server, one));
  });
});

async function prove(server: TestServer, { before = [], inside, services, steps, proof }: Case): Promise<void> {
  const [database = ''] = Object.keys(services);
  for (const statement of before) await server.sql(statement);
  if (inside !== undefined) await server.sql(inside, database);
  const result = await server.apply(services);
  assert.deepEqual(failures(result), []);
  const performed = done(result).map((line) => line.replace(/, from .*$/, ''));
  const sorted = (lines: readonly string[]) => [...new Set(lines)].sort();
  assert.deepEqual(sorted(performed), sorted(steps));
  if (proof !== undefined) assert.deepEqual((await server.sql(proof[0], database))[0], [proof[1]]);
  for (const visitAll of [true, false]) {
    const again = await server.apply(services, { visitAll });
    assert.deepEqual(done(again), []);
    assert.ok(Object.values(outcomes(again)).every((outcome) => outcome === 'skipped'));
  }
  assert.deepEqual(stepsOf(await server.plan(services)), []);
}
