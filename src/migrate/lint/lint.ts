import { Facts } from './facts.js';
import type { Parse } from './parse.js';
import type { LockMode, Relation, Rule } from './rule.js';
import { rules } from './rules.js';

/** A statement of a migration, where it stands. */
export interface LintStatement {
  /** As people name the file. */
  readonly file: string;
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
  readonly text: string;
  /** Rules that a comment switches off. */
  readonly ignored: readonly string[];
}

export interface LintMigration {
  readonly name: string;
  /** False with `-- migrate:no-transaction`. */
  readonly transactional: boolean;
  readonly statements: readonly LintStatement[];
}

/** Something in a migration that hurts a database which is in use. */
export interface Finding {
  readonly migration: string;
  readonly file: string;
  readonly line: number;
  /** Name of the rule; `syntax` and `unknown-rule` are said of what cannot be checked. */
  readonly rule: string;
  /** The table or index, as the statement names it; null when the rule is about none. */
  readonly relation: string | null;
  /** What the statement is. */
  readonly shape: string;
  readonly lock: LockMode | null;
  readonly why: string;
  readonly remedy: string | null;
}

/** Holds migrations against all rules, in the order in which they run. */
export function lint(migrations: readonly LintMigration[], parse: Parse): readonly Finding[] {
  const facts = new Facts();
  return migrations.flatMap((migration) => {
    facts.startMigration();
    return migration.statements.flatMap((statement) => lintStatement(migration, statement, facts, parse));
  });
}

function lintStatement(
  { name: migration, transactional }: LintMigration,
  { file, line, text, ignored }: LintStatement,
  facts: Facts,
  parse: Parse,
): readonly Finding[] {
  const place = { migration, file, line };
  const parsed = parse(text);
  const comments = ignored.filter((name) => !isRule(name)).map((name) => ({ ...place, ...unknownRule(name) }));
  if ('fault' in parsed)
    return ignored.includes('syntax') ? comments : [...comments, { ...place, ...unreadable(parsed.fault) }];
  const findings = parsed.flatMap((node) => {
    const found = rules
      .filter(({ name }) => !ignored.includes(name))
      .flatMap((rule) => findingsOf(rule, rule.threatens({ node, transactional, facts }), facts));
    facts.learn(node);
    return found;
  });
  return [...comments, ...findings.map((finding) => ({ ...place, ...finding }))];
}

type Danger = Omit<Finding, 'migration' | 'file' | 'line'>;

/** Nobody waits for a table that is made in the same migration; what the server refuses it refuses there too. */
function findingsOf(rule: Rule, threatened: readonly Relation[], facts: Facts): readonly Danger[] {
  const { name, shape, lock = null, why, remedy } = rule;
  return threatened
    .filter((relation) => lock === null || !facts.isCreatedHere(relation))
    .map((relation) => ({ rule: name, relation: shown(relation), shape, lock, why, remedy }));
}

function shown({ schema, name }: Relation): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

function isRule(name: string): boolean {
  return name === 'syntax' || rules.some((rule) => rule.name === name);
}

function unknownRule(name: string): Danger {
  const shape = `-- lint:ignore ${name}`;
  const remedy = 'migrator lint --rules lists them';
  return { rule: 'unknown-rule', relation: null, shape, lock: null, why: 'there is no rule of that name', remedy };
}

function unreadable(fault: string): Danger {
  return { rule: 'syntax', relation: null, shape: 'not SQL of PostgreSQL 18', lock: null, why: fault, remedy: null };
}
