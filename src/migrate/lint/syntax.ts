import type { AlterTableCmd, ColumnDef, Constraint, ConstrType, DefElem, Node, RangeVar } from 'libpg-query';
import type { Relation, Statement } from './rule.js';

/** The members of Node, under the names of PostgreSQL's parse nodes. */
type NodeOf<Name extends string, Each = Node> = Each extends Record<Name, infer Inner> ? Inner : never;

/** The node when it is one of this name. */
export function as<Name extends string>(name: Name, node: Node | undefined): NodeOf<Name> | undefined {
  return (node as Partial<Record<Name, NodeOf<Name>>> | undefined)?.[name];
}

export function relationOf({ schemaname, relname }: RangeVar): Relation {
  return { schema: schemaname, name: relname ?? '' };
}

/** The last two parts of a dotted name. */
export function nameOf(parts: readonly Node[] = []): Relation {
  const words = parts.map((part) => as('String', part)?.sval ?? '');
  return { schema: words.at(-2), name: words.at(-1) ?? '' };
}

/** A rule's condition on the commands of ALTER TABLE; its table is what is threatened. */
export function alterTable(
  applies: (command: AlterTableCmd, table: Relation, statement: Statement) => boolean,
): (statement: Statement) => readonly Relation[] {
  return (statement) => {
    const { relation, cmds = [], objtype } = as('AlterTableStmt', statement.node) ?? {};
    if (relation === undefined || !['OBJECT_TABLE', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE'].includes(objtype ?? ''))
      return [];
    const table = relationOf(relation);
    return cmds.some((each) => applies(as('AlterTableCmd', each) ?? {}, table, statement)) ? [table] : [];
  };
}

/** A column that ADD COLUMN adds. */
export function addedColumn({ subtype, def }: AlterTableCmd): ColumnDef | undefined {
  return subtype === 'AT_AddColumn' ? as('ColumnDef', def) : undefined;
}

export function constraintOf({ constraints = [] }: ColumnDef, ...types: readonly ConstrType[]): Constraint | undefined {
  return constraints
    .map((each) => as('Constraint', each))
    .find((each) => each?.contype !== undefined && types.includes(each.contype));
}

/** A constraint that ADD CONSTRAINT adds, or ADD COLUMN along with its column. */
export function addedConstraint(command: AlterTableCmd, ...types: readonly ConstrType[]): Constraint | undefined {
  const column = addedColumn(command);
  if (column !== undefined) return constraintOf(column, ...types);
  const constraint = command.subtype === 'AT_AddConstraint' ? as('Constraint', command.def) : undefined;
  return constraint?.contype !== undefined && types.includes(constraint.contype) ? constraint : undefined;
}

/** Whether an option stands in parentheses, as in REINDEX (CONCURRENTLY), and is not switched off. */
export function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  const option = options?.map((each) => as('DefElem', each)).find((each) => each?.defname === name);
  return option !== undefined && !isOff(option);
}

function isOff({ arg }: DefElem): boolean {
  const number = as('Integer', arg);
  return number === undefined ? ['off', 'false'].includes(as('String', arg)?.sval ?? '') : !number.ival;
}
