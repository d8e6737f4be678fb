import type { Migration, MigrationScript, SourceFile } from '../migration.js';
import { scanScript } from '../scan.js';
import { type Surroundings, shownPath } from '../sources.js';
import { ignoredRules } from './ignore.js';
import type { LintMigration, LintStatement } from './lint.js';

/** The statements of a migration's way up, in the order in which they run; psql's commands are left out. */
export async function statementsOf(
  { name, up }: Migration,
  surroundings: Pick<Surroundings, 'variables' | 'cwd'>,
): Promise<LintMigration> {
  const statements: LintStatement[] = [];
  for await (const statement of new Reading(up, surroundings).statements()) statements.push(statement);
  return { name, transactional: up.transactional, statements };
}

class Reading {
  readonly #variables: Map<string, string>;
  readonly #sources: Iterator<SourceFile>;
  readonly #first: number;
  readonly #cwd: string;

  constructor({ sources, line }: MigrationScript, { variables, cwd }: Pick<Surroundings, 'variables' | 'cwd'>) {
    this.#variables = new Map(Object.entries(variables));
    this.#sources = sources[Symbol.iterator]();
    this.#first = line;
    this.#cwd = cwd;
  }

  async *statements(): AsyncGenerator<LintStatement> {
    const { value: entry } = this.#sources.next();
    if (entry !== undefined) yield* this.#read(entry, this.#first - 1);
  }

  /** Sources stand in the order in which they are mentioned: an include is the next one. */
  async *#read({ path, bytes }: SourceFile, linesBefore: number): AsyncGenerator<LintStatement> {
    const file = shownPath(path, this.#cwd);
    const text = bytes.toString('utf8');
    const lines = text.split('\n');
    for await (const item of scanScript(text, { variables: this.#variables, cd: () => undefined })) {
      if (item.kind === 'statement') {
        const ignored = ignoredRules(lines, item.line, item.text.split('\n').length);
        yield { file, line: item.line + linesBefore, text: item.text, ignored };
      } else if (item.kind === 'include') {
        const { value: included } = this.#sources.next();
        if (included !== undefined) yield* this.#read(included, 0);
      }
    }
  }
}
