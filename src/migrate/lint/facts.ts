import type { Node } from 'libpg-query';
import type { Relation } from './rule.js';
import { as, nameOf, relationOf } from './syntax.js';

/** What the statements before have done, as far as it makes later ones harmless or worse. */
export class Facts {
  /** Made by this migration: nobody else uses them yet. */
  #created: Relation[] = [];
  /** `table.constraint` that this migration has added NOT VALID. */
  readonly #unchecked = new Set<string>();
  /** `table.column` for which a constraint says already that it is not null. */
  readonly #required = new Set<string>();

  /** The next migration begins: what the last one has created may be in use now. */
  startMigration(): void {
    this.#created = [];
    this.#unchecked.clear();
  }

  isCreatedHere({ schema, name }: Relation): boolean {
    return this.#created.some((each) => each.name === name && (each.schema ?? schema) === (schema ?? each.schema));
  }

  /** True when the constraint was added in the same migration without looking at the rows. */
  isUnchecked(table: Relation, constraint: string | undefined): boolean {
    return this.#unchecked.has(`${table.name}.${constraint}`);
  }

  isRequired(table: Relation, column: string | undefined): boolean {
    return this.#required.has(`${table.name}.${column}`);
  }

  /** Takes note of a statement, after the rules have seen it. */
  learn(node: Node): void {
    this.#created.push(...createdBy(node));
    this.#learnConstraints(node);
    const { relation, newname, renameType } = as('RenameStmt', node) ?? {};
    if (renameType === 'OBJECT_TABLE' && relation !== undefined && this.isCreatedHere(relationOf(relation))) {
      this.#created.push({ schema: relation.schemaname, name: newname ?? '' });
    }
  }

  #learnConstraints(node: Node): void {
    const { relation, cmds = [] } = as('AlterTableStmt', node) ?? {};
    for (const each of cmds) {
      const command = as('AlterTableCmd', each);
      const constraint = command?.subtype === 'AT_AddConstraint' ? as('Constraint', command.def) : undefined;
      if (constraint === undefined) continue;
      if (constraint.skip_validation) this.#unchecked.add(`${relation?.relname}.${constraint.conname}`);
      const column = columnOfNullTest(constraint.raw_expr);
      if (column !== undefined) this.#required.add(`${relation?.relname}.${column}`);
    }
  }
}

function createdBy(node: Node): readonly Relation[] {
  const table = as('CreateStmt', node)?.relation ?? as('CreateForeignTableStmt', node)?.base?.relation;
  const filled = as('CreateTableAsStmt', node)?.into?.rel ?? as('SelectStmt', node)?.intoClause?.rel;
  const index = as('IndexStmt', node);
  if (index?.idxname !== undefined) return [{ schema: index.relation?.schemaname, name: index.idxname }];
  return [table, filled].flatMap((each) => (each === undefined ? [] : [relationOf(each)]));
}

/** The column of `column IS NOT NULL`. */
function columnOfNullTest(expression: Node | undefined): string | undefined {
  const { arg, nulltesttype } = as('NullTest', expression) ?? {};
  return nulltesttype === 'IS_NOT_NULL' ? nameOf(as('ColumnRef', arg)?.fields).name : undefined;
}
