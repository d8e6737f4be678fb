import type { ColumnDef, Node } from 'libpg-query';
import type { Rule } from '../rule.js';
import { addedColumn, alterTable, as, constraintOf, nameOf, relationOf } from '../syntax.js';

export const columnRules: readonly Rule[] = [
  {
    name: 'add-required-column',
    shape: 'ADD COLUMN … NOT NULL without DEFAULT',
    lock: 'ACCESS EXCLUSIVE',
    why: 'it fails as soon as the table has a row',
    remedy:
      'give it a constant DEFAULT, or add the column without NOT NULL, fill it, and require it in a later migration',
    threatens: alterTable((command) => {
      const column = addedColumn(command);
      return column !== undefined && constraintOf(column, 'CONSTR_NOTNULL') !== undefined && !hasValue(column);
    }),
  },
  {
    name: 'add-computed-column',
    shape: 'ADD COLUMN with a volatile DEFAULT, serial, IDENTITY or GENERATED … STORED',
    lock: 'ACCESS EXCLUSIVE',
    why: 'every row is rewritten, with all indexes, while nobody can use the table',
    remedy: 'add the column without it, then ALTER COLUMN … SET DEFAULT for new rows, and fill the old ones in batches',
    threatens: alterTable((command) => {
      const column = addedColumn(command);
      return column !== undefined && isComputed(column);
    }),
  },
  {
    name: 'change-column-type',
    shape: 'ALTER COLUMN … TYPE',
    lock: 'ACCESS EXCLUSIVE',
    why: 'every row is rewritten, with all indexes, unless the old type is stored in the same way (a shorter varchar to a longer one or to text)',
    remedy:
      'add a column of the new type, keep both filled, move the readers, drop the old one; ignore this where nothing is rewritten',
    threatens: alterTable(({ subtype }) => subtype === 'AT_AlterColumnType'),
  },
  {
    name: 'require-column',
    shape: 'ALTER COLUMN … SET NOT NULL',
    lock: 'ACCESS EXCLUSIVE',
    why: 'all rows are looked at while nobody can use the table',
    remedy:
      'ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT in the next migration, and then SET NOT NULL, which finds it proved',
    threatens: alterTable(
      ({ subtype, name }, table, { facts }) => subtype === 'AT_SetNotNull' && !facts.isRequired(table, name),
    ),
  },
  {
    name: 'drop-column',
    shape: 'DROP COLUMN',
    lock: 'ACCESS EXCLUSIVE',
    why: 'programs that still name the column fail, and its data are lost',
    remedy: 'drop it in a migration that goes out after the programs that no longer use it',
    threatens: alterTable(({ subtype }) => subtype === 'AT_DropColumn'),
  },
  {
    name: 'rename-column',
    shape: 'RENAME COLUMN',
    lock: 'ACCESS EXCLUSIVE',
    why: 'programs that know the old name fail, and those that know the new one did until now',
    remedy: 'add a column of the new name, keep both filled, move the readers, drop the old one',
    threatens: ({ node }) => {
      const { renameType, relation, relationType } = as('RenameStmt', node) ?? {};
      const isOfTable = renameType === 'OBJECT_COLUMN' && relationType === 'OBJECT_TABLE' && relation !== undefined;
      return isOfTable ? [relationOf(relation)] : [];
    },
  },
];

/** Something puts a value into rows that are there already. */
function hasValue(column: ColumnDef): boolean {
  const types = ['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED'] as const;
  return constraintOf(column, ...types) !== undefined || isSerial(column);
}

function isSerial({ typeName }: ColumnDef): boolean {
  return /^(?:small|big)?serial[248]?$/.test(nameOf(typeName?.names).name);
}

function isComputed(column: ColumnDef): boolean {
  const generated = constraintOf(column, 'CONSTR_GENERATED');
  if (isSerial(column) || constraintOf(column, 'CONSTR_IDENTITY') !== undefined) return true;
  if (generated !== undefined) return generated.generated_kind === 's';
  return callsVolatile(constraintOf(column, 'CONSTR_DEFAULT')?.raw_expr);
}

/** The volatile ones of pg_proc that somebody may use for a default; PostgreSQL computes all others once for all rows. */
const volatileFunctions: ReadonlySet<string> = new Set([
  'random',
  'random_normal',
  'gen_random_uuid',
  'gen_random_bytes',
  'uuidv4',
  'uuidv7',
  'uuid_generate_v1',
  'uuid_generate_v1mc',
  'uuid_generate_v4',
  'clock_timestamp',
  'timeofday',
  'nextval',
  'currval',
  'lastval',
  'setval',
  'txid_current',
  'pg_current_xact_id',
]);

/** A function in a schema of one's own is volatile unless it was declared otherwise, which the statement does not show. */
function callsVolatile(expression: Node | undefined): boolean {
  let found = false;
  visit(expression, (name) => {
    const { schema, name: word } = nameOf(name);
    found ||= volatileFunctions.has(word) || (schema !== undefined && schema !== 'pg_catalog');
  });
  return found;
}

/** Calls back with the name of each function that an expression calls. */
function visit(value: unknown, call: (name: readonly Node[]) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if ('FuncCall' in value) call(as('FuncCall', value as Node)?.funcname ?? []);
  for (const part of Object.values(value)) visit(part, call);
}
