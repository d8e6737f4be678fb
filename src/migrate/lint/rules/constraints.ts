import type { AlterTableCmd, Constraint, ConstrType } from 'libpg-query';
import type { Relation, Rule, Statement } from '../rule.js';
import { addedColumn, addedConstraint, alterTable, as, constraintOf, nameOf, relationOf } from '../syntax.js';

export const constraintRules: readonly Rule[] = [
  {
    name: 'add-check',
    shape: 'ADD CHECK without NOT VALID',
    lock: 'ACCESS EXCLUSIVE',
    why: 'all rows are looked at while nobody can use the table',
    remedy: 'add it NOT VALID, and VALIDATE CONSTRAINT in the next migration',
    threatens: addsChecked('CONSTR_CHECK'),
  },
  {
    name: 'add-not-null',
    shape: 'ADD NOT NULL without NOT VALID',
    lock: 'ACCESS EXCLUSIVE',
    why: 'all rows are looked at while nobody can use the table',
    remedy: 'add it NOT VALID, and VALIDATE CONSTRAINT in the next migration',
    threatens: alterTable(
      (command) => addedColumn(command) === undefined && isChecked(addedConstraint(command, 'CONSTR_NOTNULL')),
    ),
  },
  {
    name: 'add-foreign-key',
    shape: 'ADD FOREIGN KEY without NOT VALID',
    lock: 'SHARE ROW EXCLUSIVE',
    why: 'all rows are looked up while nobody can write to either table',
    remedy: 'add it NOT VALID, and VALIDATE CONSTRAINT in the next migration',
    threatens: threatenedByForeignKey,
  },
  {
    name: 'add-unique',
    shape: 'ADD UNIQUE or PRIMARY KEY without USING INDEX',
    lock: 'ACCESS EXCLUSIVE',
    why: 'its index is built while nobody can use the table',
    remedy: 'CREATE UNIQUE INDEX CONCURRENTLY in a migration of its own, then ADD CONSTRAINT … USING INDEX',
    threatens: alterTable((command) => {
      const constraint = addedConstraint(command, 'CONSTR_UNIQUE', 'CONSTR_PRIMARY');
      return constraint !== undefined && constraint.indexname === undefined;
    }),
  },
  {
    name: 'add-exclusion',
    shape: 'ADD EXCLUDE',
    lock: 'ACCESS EXCLUSIVE',
    why: 'its index is built while nobody can use the table, and it cannot be built concurrently',
    remedy: 'make a new table with the constraint, and move the rows over',
    threatens: alterTable((command) => addedConstraint(command, 'CONSTR_EXCLUSION') !== undefined),
  },
  {
    name: 'validate-too-soon',
    shape: 'VALIDATE CONSTRAINT in the transaction that added it',
    lock: 'SHARE UPDATE EXCLUSIVE',
    why: 'the stronger lock of ADD CONSTRAINT is still held while all rows are looked at',
    remedy: 'validate in the next migration',
    threatens: alterTable(
      ({ subtype, name }, table, { transactional, facts }) =>
        subtype === 'AT_ValidateConstraint' && transactional && facts.isUnchecked(table, name),
    ),
  },
  {
    name: 'constrain-domain',
    shape: 'ALTER DOMAIN … ADD or SET NOT NULL without NOT VALID',
    lock: 'SHARE',
    why: 'all rows of all tables with a column of the domain are looked at while nobody can write to them',
    remedy: 'ADD CONSTRAINT … CHECK (…) NOT VALID, and VALIDATE CONSTRAINT in the next migration',
    threatens: ({ node }) => {
      const domain = as('AlterDomainStmt', node);
      const adds = domain?.subtype === 'C' && isChecked(as('Constraint', domain?.def));
      return adds || domain?.subtype === 'O' ? [nameOf(domain?.typeName)] : [];
    },
  },
];

/** A constraint that the rows which are there are held against. */
function isChecked(constraint: Constraint | undefined): constraint is Constraint {
  return constraint !== undefined && constraint.skip_validation !== true;
}

function addsChecked(type: ConstrType): Rule['threatens'] {
  return alterTable((command) => isChecked(addedConstraint(command, type)));
}

/** Both tables are locked; when the other one is new it is not in use, but ours is. */
function threatenedByForeignKey({ node }: Statement): readonly Relation[] {
  const { relation, cmds = [] } = as('AlterTableStmt', node) ?? {};
  if (relation === undefined) return [];
  const keys = cmds.map((each) => foreignKey(as('AlterTableCmd', each) ?? {})).filter(isChecked);
  return keys.length === 0 ? [] : [relationOf(relation)];
}

/** In a new column without a default there is nothing to look up, and PostgreSQL does not. */
function foreignKey(command: AlterTableCmd): Constraint | undefined {
  const column = addedColumn(command);
  if (column !== undefined && constraintOf(column, 'CONSTR_DEFAULT') === undefined) return undefined;
  return addedConstraint(command, 'CONSTR_FOREIGN');
}
