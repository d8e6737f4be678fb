import type { Node } from 'libpg-query';
import type { Facts } from './facts.js';

/** Lock modes as the documentation names them ("Explicit Locking"), those that make others wait. */
export type LockMode =
  | 'ROW EXCLUSIVE'
  | 'SHARE UPDATE EXCLUSIVE'
  | 'SHARE'
  | 'SHARE ROW EXCLUSIVE'
  | 'EXCLUSIVE'
  | 'ACCESS EXCLUSIVE';

/** A table, view or index as a statement names it. */
export interface Relation {
  readonly schema?: string | undefined;
  readonly name: string;
}

/** A statement as PostgreSQL's parser reads it, and what is known where it stands. */
export interface Statement {
  readonly node: Node;
  /** False in a migration with `-- migrate:no-transaction`. */
  readonly transactional: boolean;
  readonly facts: Facts;
}

/** A kind of statement that hurts a table which is in use. */
export interface Rule {
  /** As `-- lint:ignore` names it. */
  readonly name: string;
  /** The statement, for people. */
  readonly shape: string;
  /** The lock that it holds until its transaction ends; undefined when the lock is not the danger. */
  readonly lock: LockMode | undefined;
  readonly why: string;
  readonly remedy: string;
  /** The relations of the statement that the rule is about; none when it does not apply. */
  readonly threatens: (statement: Statement) => readonly Relation[];
}

/** What locks a table out of whom. */
export const blocks: Readonly<Record<LockMode, string>> = {
  'ROW EXCLUSIVE': 'blocks writes to the same rows',
  'SHARE UPDATE EXCLUSIVE': 'blocks other schema changes',
  SHARE: 'blocks writes',
  'SHARE ROW EXCLUSIVE': 'blocks writes',
  EXCLUSIVE: 'blocks writes',
  'ACCESS EXCLUSIVE': 'blocks reads and writes',
};
