import type { AlterTableType, Node } from 'libpg-query';
import type { Relation, Rule } from '../rule.js';
import { alterTable, as, hasOption, nameOf, relationOf } from '../syntax.js';

export const tableRules: readonly Rule[] = [
  {
    name: 'drop-table',
    shape: 'DROP TABLE, DROP SCHEMA … CASCADE',
    lock: 'ACCESS EXCLUSIVE',
    why: 'programs that still use it fail, and its data are lost',
    remedy: 'drop it in a migration that goes out after the programs that no longer use it',
    threatens: ({ node }) => {
      const { removeType, behavior, objects = [] } = as('DropStmt', node) ?? {};
      if (removeType === 'OBJECT_SCHEMA' && behavior === 'DROP_CASCADE') return objects.map((each) => nameOf([each]));
      return removeType === 'OBJECT_TABLE' ? objects.map((each) => nameOf(as('List', each)?.items)) : [];
    },
  },
  {
    name: 'rename-table',
    shape: 'ALTER TABLE … RENAME TO, SET SCHEMA',
    lock: 'ACCESS EXCLUSIVE',
    why: 'programs that know the old name fail, and those that know the new one did until now',
    remedy: 'keep a view of the old name until nobody uses it',
    threatens: ({ node }) => {
      const rename = as('RenameStmt', node);
      const move = as('AlterObjectSchemaStmt', node);
      const renamed = rename?.renameType === 'OBJECT_TABLE' ? rename.relation : undefined;
      const moved = move?.objectType === 'OBJECT_TABLE' ? move.relation : undefined;
      return [renamed, moved].flatMap((each) => (each === undefined ? [] : [relationOf(each)]));
    },
  },
  {
    name: 'truncate',
    shape: 'TRUNCATE',
    lock: 'ACCESS EXCLUSIVE',
    why: 'all data of the table are lost, and nobody can use it until the transaction ends',
    remedy: 'DELETE in batches what is not needed any more',
    threatens: ({ node }) => relationsOf(as('TruncateStmt', node)?.relations),
  },
  {
    name: 'rewrite-table',
    shape: 'VACUUM FULL, CLUSTER, SET TABLESPACE, SET LOGGED, SET UNLOGGED, SET ACCESS METHOD',
    lock: 'ACCESS EXCLUSIVE',
    why: 'the whole table is written anew while nobody can use it',
    remedy: 'do it in a maintenance window, or with pg_repack',
    threatens: (statement) => [...rewrites(statement), ...rewrittenByVacuum(statement.node)],
  },
  {
    name: 'lock-table',
    shape: 'LOCK TABLE in SHARE mode or a stronger one',
    lock: 'SHARE',
    why: 'nobody can write to the table, or by a stronger lock not even read it, until the transaction ends',
    remedy: 'leave the lock out, or take a weaker one: LOCK TABLE … IN SHARE UPDATE EXCLUSIVE MODE',
    threatens: ({ node }) => {
      const lock = as('LockStmt', node);
      return (lock?.mode ?? 0) >= shareLock ? relationsOf(lock?.relations) : [];
    },
  },
  {
    name: 'attach-partition',
    shape: 'ATTACH PARTITION',
    lock: 'ACCESS EXCLUSIVE',
    why: 'all rows of the new partition, and of the default one, are looked at while nobody can use them',
    remedy:
      'first give it a CHECK that says the same as the bounds, NOT VALID and validated in a migration before; ignore this then',
    threatens: ({ node }) => partitions(node, 'AT_AttachPartition'),
  },
  {
    name: 'detach-partition',
    shape: 'DETACH PARTITION without CONCURRENTLY',
    lock: 'ACCESS EXCLUSIVE',
    why: 'it waits for everybody who uses the partitioned table, and everybody who comes later waits for it',
    remedy: 'DETACH PARTITION … CONCURRENTLY, in a migration of its own with -- migrate:no-transaction',
    threatens: alterTable(
      ({ subtype, def }) => subtype === 'AT_DetachPartition' && !as('PartitionCmd', def)?.concurrent,
    ),
  },
  {
    name: 'change-all-rows',
    shape: 'UPDATE or DELETE without WHERE',
    lock: 'ROW EXCLUSIVE',
    why: 'every row is locked until the transaction ends, and the table grows by as much as is changed',
    remedy: 'change the rows in batches of some thousands, each a transaction of its own',
    threatens: ({ node }) => {
      const { relation, whereClause } = as('UpdateStmt', node) ?? as('DeleteStmt', node) ?? {};
      return relation === undefined || whereClause !== undefined ? [] : [relationOf(relation)];
    },
  },
];

/** ShareLock in lockdefs.h: the first mode that blocks writes. */
const shareLock = 5;

const rewriting: ReadonlySet<AlterTableType | undefined> = new Set<AlterTableType>([
  'AT_SetTableSpace',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetAccessMethod',
]);

const rewrites = alterTable(({ subtype }) => rewriting.has(subtype));

function rewrittenByVacuum(node: Node): readonly Relation[] {
  const cluster = as('ClusterStmt', node);
  if (cluster !== undefined)
    return [cluster.relation === undefined ? { name: 'every table' } : relationOf(cluster.relation)];
  const vacuum = as('VacuumStmt', node);
  if (vacuum === undefined || !hasOption(vacuum.options, 'full')) return [];
  const named = (vacuum.rels ?? []).map((each) => as('VacuumRelation', each)?.relation);
  return vacuum.rels === undefined
    ? [{ name: 'every table' }]
    : named.flatMap((each) => (each ? [relationOf(each)] : []));
}

function relationsOf(nodes: readonly Node[] = []): readonly Relation[] {
  return nodes.flatMap((each) => {
    const relation = as('RangeVar', each);
    return relation === undefined ? [] : [relationOf(relation)];
  });
}

/** The tables that become partitions. */
function partitions(node: Node, subtype: AlterTableType): readonly Relation[] {
  const commands = (as('AlterTableStmt', node)?.cmds ?? []).map((each) => as('AlterTableCmd', each));
  return commands.flatMap((command) => {
    const name = command?.subtype === subtype ? as('PartitionCmd', command.def)?.name : undefined;
    return name === undefined ? [] : [relationOf(name)];
  });
}
