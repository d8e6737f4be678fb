import type { Relation, Rule, Statement } from '../rule.js';
import { alterTable, as, hasOption, nameOf, relationOf } from '../syntax.js';

const alone = 'in a migration of its own with -- migrate:no-transaction';

export const indexRules: readonly Rule[] = [
  {
    name: 'create-index',
    shape: 'CREATE INDEX without CONCURRENTLY',
    lock: 'SHARE',
    why: 'nobody can write to the table while the index is built',
    remedy: `CREATE INDEX CONCURRENTLY, ${alone}`,
    threatens: ({ node }) => {
      const { relation, concurrent } = as('IndexStmt', node) ?? {};
      return relation === undefined || concurrent ? [] : [relationOf(relation)];
    },
  },
  {
    name: 'drop-index',
    shape: 'DROP INDEX without CONCURRENTLY',
    lock: 'ACCESS EXCLUSIVE',
    why: 'it waits for everybody who uses the table, and everybody who comes later waits for it',
    remedy: `DROP INDEX CONCURRENTLY, ${alone}`,
    threatens: ({ node }) => {
      const { removeType, concurrent, objects = [] } = as('DropStmt', node) ?? {};
      if (removeType !== 'OBJECT_INDEX' || concurrent) return [];
      return objects.map((each) => nameOf(as('List', each)?.items));
    },
  },
  {
    name: 'reindex',
    shape: 'REINDEX without CONCURRENTLY',
    lock: 'SHARE',
    why: 'nobody can write to the table, or read by the index, while it is built anew',
    remedy: `REINDEX (CONCURRENTLY), ${alone}`,
    threatens: ({ node }) => {
      const reindex = as('ReindexStmt', node);
      if (reindex === undefined || hasOption(reindex.params, 'concurrently')) return [];
      return [reindex.relation === undefined ? { name: reindex.name ?? 'the database' } : relationOf(reindex.relation)];
    },
  },
  {
    name: 'refresh-view',
    shape: 'REFRESH MATERIALIZED VIEW without CONCURRENTLY',
    lock: 'ACCESS EXCLUSIVE',
    why: 'nobody can read the view while its query runs',
    remedy: 'REFRESH MATERIALIZED VIEW CONCURRENTLY, for which the view needs a unique index',
    threatens: ({ node }) => {
      const { relation, concurrent, skipData } = as('RefreshMatViewStmt', node) ?? {};
      return relation === undefined || concurrent || skipData ? [] : [relationOf(relation)];
    },
  },
  {
    name: 'needs-no-transaction',
    shape: 'CONCURRENTLY, VACUUM, CREATE DATABASE, … inside a transaction',
    lock: undefined,
    why: 'the server refuses it in a transaction block, and every migration is one',
    remedy: 'write -- migrate:no-transaction into the first line, with nothing else in the migration',
    threatens: (statement) => (statement.transactional ? outsideTransactions(statement) : []),
  },
];

const detachesConcurrently = alterTable(({ def }) => as('PartitionCmd', def)?.concurrent === true);

/** What calls PreventInTransactionBlock in PostgreSQL's sources. */
function outsideTransactions(statement: Statement): readonly Relation[] {
  const { node } = statement;
  const index = as('IndexStmt', node);
  if (index?.concurrent) return [{ name: index.idxname ?? 'the index' }];
  const drop = as('DropStmt', node);
  if (drop?.concurrent) return (drop.objects ?? []).map((each) => nameOf(as('List', each)?.items));
  const reindex = as('ReindexStmt', node);
  if (reindex !== undefined && hasOption(reindex.params, 'concurrently'))
    return [{ name: reindex.relation?.relname ?? reindex.name ?? '' }];
  if (as('VacuumStmt', node)?.is_vacuumcmd) return [{ name: 'VACUUM' }];
  for (const [name, words] of Object.entries(serverWide)) if (name in node) return [{ name: words }];
  return detachesConcurrently(statement);
}

const serverWide: Readonly<Record<string, string>> = {
  CreatedbStmt: 'CREATE DATABASE',
  DropdbStmt: 'DROP DATABASE',
  AlterSystemStmt: 'ALTER SYSTEM',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
};
