import { UserError } from '../../errors.js';
import { quoteIdentifier } from '../../sql/quote.js';
import type { Parse } from '../lint/parse.js';
import { as } from '../lint/syntax.js';
import type { MigrationScript, SourceFile } from '../migration.js';
import { scanScript } from '../scan.js';

/** The texts of scripts in one, each with its includes written out and its settings taken back behind it. Throws a UserError. */
export async function joinScripts(scripts: readonly MigrationScript[], parse: Parse): Promise<string> {
  const parts: string[] = [];
  for (const script of scripts) {
    const writing = new Writing(script, parse);
    const text = await writing.text();
    parts.push(`-- from ${script.migration}\n${text.trim()}\n${writing.ending}`);
  }
  return parts.join('\n');
}

/** A line that is an include command and nothing else. */
const onlyInclude = /^\s*\\(?:ir?|include(?:_relative)?)\s+\S/;

class Writing {
  readonly #script: MigrationScript;
  readonly #parse: Parse;
  readonly #sources: Iterator<SourceFile>;
  /** Names of the settings that it makes. */
  readonly #settings = new Set<string>();
  #lastStatement = ';';

  constructor(script: MigrationScript, parse: Parse) {
    this.#script = script;
    this.#parse = parse;
    this.#sources = script.sources[Symbol.iterator]();
  }

  text(): Promise<string> {
    return this.#write();
  }

  /** What has to follow, so that the next script starts as it would alone. */
  get ending(): string {
    const end = this.#lastStatement.trimEnd().endsWith(';') ? '' : ';\n';
    return `${end}${[...this.#settings].map((name) => `${resetOf(name)};\n`).join('')}`;
  }

  async #write(): Promise<string> {
    const { value: source } = this.#sources.next();
    if (source === undefined) return '';
    const text = source.bytes
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .replaceAll('\r\n', '\n');
    const lines = text.split('\n');
    for await (const item of scanScript(text, { variables: new Map(), cd: () => undefined })) {
      const at = item.line - 1;
      if (item.kind === 'statement') this.#take(item.text);
      else if (item.kind === 'command' && ['q', 'quit'].includes(item.name))
        throw this.#refusal(source, item.line, `\\${item.name}`);
      else if (item.kind === 'include') {
        if (!onlyInclude.test(lines[at] ?? ''))
          throw this.#refusal(source, item.line, 'an include beside something else');
        lines[at] = await this.#write();
      }
    }
    this.#refuseMarkers(source, lines);
    return lines.join('\n');
  }

  #take(text: string): void {
    this.#lastStatement = text;
    const parsed = this.#parse(text);
    if ('fault' in parsed) return;
    for (const node of parsed) {
      const { kind, name } = as('VariableSetStmt', node) ?? {};
      if (name !== undefined && kind?.startsWith('VAR_SET_') && kind !== 'VAR_SET_MULTI') this.#settings.add(name);
    }
  }

  #refuseMarkers(source: SourceFile, lines: readonly string[]): void {
    const at = lines.findIndex((line) => /^--[ \t]*migrate:/.test(line));
    if (at !== -1) throw this.#refusal(source, at + 1, lines[at] ?? '');
  }

  #refusal({ name }: SourceFile, line: number, what: string): UserError {
    return new UserError(
      `${this.#script.migration} cannot be written into one text with others: ${what} (${name}:${line})`,
      {
        hint: 'squash the migrations before it and behind it',
      },
    );
  }
}

function resetOf(setting: string): string {
  if (setting === 'role') return 'RESET ROLE';
  if (setting === 'session_authorization') return 'RESET SESSION AUTHORIZATION';
  return `RESET ${setting.split('.').map(quoteIdentifier).join('.')}`;
}
