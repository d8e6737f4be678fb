import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ignoredRules } from './ignore.js';
import { lint } from './lint.js';
import { loadParser } from './parse.js';
import { rules } from './rules.js';

const parse = await loadParser();

/** `rule relation` of each finding; several migrations are given as several texts with a statement a line. */
function found(texts: string | readonly string[], transactional = true): readonly string[] {
  const migrations = [texts].flat().map((text, index) => ({
    name: `${index}`,
    transactional,
    statements: text.split('\n').map((line, at) => ({ file: 'up.sql', line: at + 1, text: line, ignored: [] })),
  }));
  return lint(migrations, parse).map(({ rule, relation }) => `${rule} ${relation}`);
}

/** What each rule is about, and the nearest thing that it is not about. */
const cases: Readonly<Record<string, { readonly bad: readonly string[]; readonly good: readonly string[] }>> = {
  'add-required-column': {
    bad: ['ALTER TABLE t ADD COLUMN c int NOT NULL', 'ALTER TABLE IF EXISTS ONLY t ADD a int, ADD c int NOT NULL'],
    good: ['ALTER TABLE t ADD COLUMN c int', 'ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 1'],
  },
  'add-computed-column': {
    bad: [
      'ALTER TABLE t ADD c uuid DEFAULT gen_random_uuid()',
      'ALTER TABLE t ADD c timestamptz DEFAULT clock_timestamp() + interval $$1 day$$',
      'ALTER TABLE t ADD c int DEFAULT app.next_number()',
      'ALTER TABLE t ADD c bigserial NOT NULL',
      'ALTER TABLE t ADD c int GENERATED ALWAYS AS IDENTITY',
      'ALTER TABLE t ADD c int GENERATED ALWAYS AS (a + 1) STORED',
    ],
    good: [
      'ALTER TABLE t ADD c timestamptz NOT NULL DEFAULT now()',
      'ALTER TABLE t ADD c int GENERATED ALWAYS AS (a + 1) VIRTUAL',
      'ALTER TABLE t ALTER c SET DEFAULT gen_random_uuid()',
    ],
  },
  'change-column-type': {
    bad: ['ALTER TABLE t ALTER c TYPE bigint'],
    good: ['ALTER TABLE t ALTER c SET STATISTICS 5', 'ALTER TYPE y ALTER ATTRIBUTE c TYPE int'],
  },
  'require-column': { bad: ['ALTER TABLE t ALTER c SET NOT NULL'], good: ['ALTER TABLE t ALTER c DROP NOT NULL'] },
  'drop-column': { bad: ['ALTER TABLE t DROP c'], good: ['ALTER TABLE t DROP CONSTRAINT c'] },
  'rename-column': {
    bad: ['ALTER TABLE t RENAME COLUMN a TO b'],
    good: ['ALTER TABLE t RENAME CONSTRAINT a TO b', 'ALTER VIEW t RENAME COLUMN a TO b'],
  },
  'add-check': {
    bad: ['ALTER TABLE t ADD CHECK (c > 0)', 'ALTER TABLE t ADD c int CHECK (c > 0)'],
    good: ['ALTER TABLE t ADD CONSTRAINT k CHECK (c > 0) NOT VALID'],
  },
  'add-not-null': {
    bad: ['ALTER TABLE t ADD CONSTRAINT k NOT NULL c'],
    good: ['ALTER TABLE t ADD CONSTRAINT k NOT NULL c NOT VALID'],
  },
  'add-foreign-key': {
    bad: ['ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES o', 'ALTER TABLE t ADD c int DEFAULT 1 REFERENCES o'],
    good: ['ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES o NOT VALID', 'ALTER TABLE t ADD c int REFERENCES o'],
  },
  'add-unique': {
    bad: ['ALTER TABLE t ADD UNIQUE (c)', 'ALTER TABLE t ADD PRIMARY KEY (c)', 'ALTER TABLE t ADD c int UNIQUE'],
    good: ['ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i'],
  },
  'add-exclusion': {
    bad: ['ALTER TABLE t ADD EXCLUDE USING gist (c WITH &&)'],
    good: ['ALTER TABLE t DROP CONSTRAINT k'],
  },
  'constrain-domain': {
    bad: ['ALTER DOMAIN t ADD CHECK (VALUE > 0)', 'ALTER DOMAIN t SET NOT NULL'],
    good: ['ALTER DOMAIN t ADD CONSTRAINT k CHECK (VALUE > 0) NOT VALID', 'ALTER DOMAIN t DROP NOT NULL'],
  },
  'create-index': { bad: ['CREATE UNIQUE INDEX i ON t (c)', 'CREATE INDEX ON t (c)'], good: [] },
  'drop-index': { bad: ['DROP INDEX IF EXISTS t'], good: ['DROP VIEW t'] },
  reindex: { bad: ['REINDEX TABLE t', 'REINDEX (CONCURRENTLY false) INDEX t', 'REINDEX SCHEMA t'], good: [] },
  'refresh-view': {
    bad: ['REFRESH MATERIALIZED VIEW t'],
    good: ['REFRESH MATERIALIZED VIEW CONCURRENTLY t', 'REFRESH MATERIALIZED VIEW t WITH NO DATA'],
  },
  'needs-no-transaction': {
    bad: [
      'CREATE INDEX CONCURRENTLY t ON o (c)',
      'DROP INDEX CONCURRENTLY t',
      'REINDEX INDEX CONCURRENTLY t',
      'ALTER TABLE t DETACH PARTITION p CONCURRENTLY',
    ],
    good: ['ANALYZE t'],
  },
  'drop-table': {
    bad: ['DROP TABLE IF EXISTS t', 'DROP SCHEMA t CASCADE'],
    good: ['DROP SCHEMA t', 'DROP FUNCTION t'],
  },
  'rename-table': {
    bad: ['ALTER TABLE t RENAME TO o', 'ALTER TABLE t SET SCHEMA app'],
    good: ['ALTER INDEX t RENAME TO o', 'ALTER FUNCTION t SET SCHEMA app'],
  },
  truncate: { bad: ['TRUNCATE t'], good: ['DELETE FROM t WHERE c > 0'] },
  'rewrite-table': {
    bad: [
      'CLUSTER t USING i',
      'ALTER TABLE t SET UNLOGGED',
      'ALTER TABLE t SET TABLESPACE x',
      'ALTER TABLE t SET ACCESS METHOD x',
    ],
    good: ['ALTER TABLE t SET (fillfactor = 50)', 'ALTER TABLE t CLUSTER ON i'],
  },
  'lock-table': { bad: ['LOCK TABLE t', 'LOCK t IN SHARE MODE'], good: ['LOCK TABLE t IN ROW SHARE MODE'] },
  'attach-partition': {
    bad: ['ALTER TABLE p ATTACH PARTITION t FOR VALUES IN (1)'],
    good: ['CREATE TABLE t PARTITION OF p FOR VALUES IN (1)'],
  },
  'detach-partition': { bad: ['ALTER TABLE t DETACH PARTITION p'], good: ['ALTER TABLE t NO INHERIT p'] },
  'change-all-rows': { bad: ['UPDATE t SET c = 1', 'DELETE FROM t'], good: ['UPDATE t SET c = 1 WHERE c > 1'] },
};

test('every rule finds what it is about, and nothing else does', () => {
  for (const [rule, { bad, good }] of Object.entries(cases)) {
    for (const sql of bad) assert.deepEqual(found(sql), [`${rule} t`], sql);
    for (const sql of good) assert.deepEqual(found(sql), [], sql);
  }
  const tried = [...Object.keys(cases), 'validate-too-soon'];
  assert.deepEqual(
    rules.map(({ name }) => name).filter((name) => !tried.includes(name)),
    [],
  );
});

test('tables, views and indexes that the migration itself has made are nobody’s yet', () => {
  const changes = [
    'ALTER TABLE t ADD CHECK (a > 0)',
    'CREATE INDEX i ON app.t (a)',
    'DROP INDEX i',
    'UPDATE t SET a = 1',
  ];
  for (const make of [
    'CREATE TABLE app.t (a int)',
    'CREATE TABLE app.t AS SELECT 1 AS a',
    'SELECT 1 AS a INTO app.t',
    'CREATE TABLE app.t PARTITION OF p DEFAULT',
  ]) {
    assert.deepEqual(found([make, ...changes].join('\n')), [], make);
  }
  assert.deepEqual(found('CREATE TABLE app.t (a int)\nTRUNCATE other.t'), ['truncate other.t']);
  assert.deepEqual(found(['CREATE TABLE t (a int)', 'TRUNCATE t']), ['truncate t'], 'another migration');
  assert.deepEqual(found('CREATE TABLE t (a int)\nALTER TABLE t RENAME TO o\nTRUNCATE o'), []);
  assert.deepEqual(found('TRUNCATE t\nCREATE TABLE t (a int)'), ['truncate t'], 'before it is made');
});

test('what cannot run in a transaction may run where there is none', () => {
  for (const sql of [
    'CREATE INDEX CONCURRENTLY i ON t (c)',
    'VACUUM t',
    'ALTER TABLE t DETACH PARTITION p CONCURRENTLY',
  ]) {
    assert.deepEqual(found(sql, false), [], sql);
  }
  assert.deepEqual(found('VACUUM (FULL) t', false), ['rewrite-table t']);
  assert.deepEqual(found('VACUUM FULL', false), ['rewrite-table every table']);
  for (const sql of ['CREATE DATABASE d', 'ALTER SYSTEM SET x = 1', "CREATE TABLESPACE x LOCATION '/x'"]) {
    assert.match(found(sql).join(), /^needs-no-transaction [A-Z ]+$/, sql);
  }
});

test('a constraint is to be validated in another transaction than the one that adds it', () => {
  const [add, validate] = [
    'ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID',
    'ALTER TABLE t VALIDATE CONSTRAINT k',
  ];
  assert.deepEqual(found(`${add}\n${validate}`), ['validate-too-soon t']);
  assert.deepEqual(found([add, validate]), []);
  assert.deepEqual(found(`${add}\n${validate}`, false), []);
});

test('SET NOT NULL is quick where a constraint has proved it', () => {
  const [add, validate] = [
    'ALTER TABLE t ADD CONSTRAINT k CHECK (a IS NOT NULL) NOT VALID',
    'ALTER TABLE t VALIDATE CONSTRAINT k',
  ];
  assert.deepEqual(found([add, validate, 'ALTER TABLE t ALTER a SET NOT NULL']), []);
  assert.deepEqual(found([add, validate, 'ALTER TABLE t ALTER b SET NOT NULL']), ['require-column t']);
});

test('variables of psql stand for a name or a text', () => {
  assert.deepEqual(found(`TRUNCATE :"table"`), ['truncate table']);
  assert.deepEqual(found('TRUNCATE :schema.t'), ['truncate schema.t']);
  assert.deepEqual(found("SELECT :'text', 1::int, :{?x}"), []);
});

test('what is no SQL is said', () => {
  assert.deepEqual(found('selec 1'), ['syntax null']);
  assert.deepEqual(found(':whole'), ['syntax null']);
});

test('a comment above a statement or beside it switches rules off', () => {
  const lines = [
    '-- lint:ignore truncate, drop-table',
    '',
    '-- why',
    'TRUNCATE t;',
    'SELECT 1,',
    '  2; -- lint:ignore x-y',
    '--lint:ignore z',
  ];
  assert.deepEqual(ignoredRules(lines, 4, 1), ['truncate', 'drop-table']);
  assert.deepEqual(ignoredRules(lines, 5, 2), ['x-y']);
  assert.deepEqual(ignoredRules(lines, 5, 1), []);
  const statement = (ignored: readonly string[]) =>
    lint(
      [{ name: 'm', transactional: true, statements: [{ file: 'f', line: 1, text: 'TRUNCATE t, u', ignored }] }],
      parse,
    );
  assert.deepEqual(statement(['truncate']), []);
  assert.deepEqual(
    statement(['drop-table']).map(({ relation }) => relation),
    ['t', 'u'],
  );
  assert.deepEqual(
    statement(['truncate', 'trunkate']).map(({ rule, shape }) => `${rule}: ${shape}`),
    ['unknown-rule: -- lint:ignore trunkate'],
  );
});
