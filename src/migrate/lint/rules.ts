import type { Rule } from './rule.js';
import { columnRules } from './rules/columns.js';
import { constraintRules } from './rules/constraints.js';
import { indexRules } from './rules/indexes.js';
import { tableRules } from './rules/tables.js';

/** Everything that `migrator lint` looks for. */
export const rules: readonly Rule[] = [...columnRules, ...constraintRules, ...indexRules, ...tableRules];
