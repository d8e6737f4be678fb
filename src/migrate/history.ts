import { ExitCode, UserError } from '../errors.js';
import type { ScriptSession } from '../script/session.js';
import { quoteLiteral } from '../sql/quote.js';
import type { Direction, MigrationScript } from './migration.js';
import { query } from './session.js';

/** A row of `hectic.migration`. */
export interface AppliedRow {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  /** ISO 8601. */
  readonly appliedAt: string;
}

/** A migration without a transaction that has been begun and not been finished (`hectic.migration_progress`). */
export interface Unfinished {
  readonly name: string;
  readonly direction: Direction;
  /** Hash of the script when it was begun. */
  readonly hash: string;
  /** The statement that was running, counted from 1; those before it are done. */
  readonly statement: number;
  /** SHA-256 over the statements before it. */
  readonly done: string;
  readonly text: string;
  /** What the server said of it; undefined when nothing is known of how it ended. */
  readonly error: string | undefined;
  readonly startedAt: string;
}

/** What the database says of its migrations. */
export interface History {
  /** False when there is no table `hectic.migration`. */
  readonly exists: boolean;
  /** False for a history that older tools made: the texts of migrations, and how far they came, have no place. */
  readonly keepsSources: boolean;
  /** By name, which is the order in which they run. */
  readonly applied: readonly AppliedRow[];
  readonly unfinished: readonly Unfinished[];
}

export const noHistory: History = { exists: false, keepsSources: false, applied: [], unfinished: [] };

const tables = `SELECT pg_catalog.to_regclass('hectic.migration') IS NOT NULL,
  pg_catalog.to_regclass('hectic.migration_source') IS NOT NULL
    AND pg_catalog.to_regclass('hectic.migration_progress') IS NOT NULL`;

/** Reads the whole history. Throws what `query` throws. */
export async function readHistory(session: ScriptSession): Promise<History> {
  const [[present, complete] = []] = await query(session, tables);
  if (present !== 't') return noHistory;
  const rows = await query(
    session,
    `SELECT id, name, hash, pg_catalog.to_json(applied_at) #>> '{}'
     FROM hectic.migration ORDER BY name COLLATE "C"`,
  );
  const applied = rows.map(([id, name, hash, appliedAt]) => ({
    id: id ?? '',
    name: name ?? '',
    hash: hash ?? '',
    appliedAt: appliedAt ?? '',
  }));
  if (complete !== 't') return { exists: true, keepsSources: false, applied, unfinished: [] };
  return { exists: true, keepsSources: true, applied, unfinished: await readUnfinished(session) };
}

async function readUnfinished(session: ScriptSession): Promise<Unfinished[]> {
  const rows = await query(
    session,
    `SELECT name, direction, hash, statement, done, text, error, pg_catalog.to_json(started_at) #>> '{}'
     FROM hectic.migration_progress ORDER BY name COLLATE "C"`,
  );
  return rows.map(([name, direction, hash, statement, done, text, error, startedAt]) => ({
    name: name ?? '',
    direction: direction === 'down' ? 'down' : 'up',
    hash: hash ?? '',
    statement: Number(statement),
    done: done ?? '',
    text: text ?? '',
    error: error ?? undefined,
    startedAt: startedAt ?? '',
  }));
}

/** Statements that make a migration's row follow what has just been done, to be sent in its transaction. */
export function recordSql(script: MigrationScript, { keepsSources }: Pick<History, 'keepsSources'>): string {
  const name = quoteLiteral(script.migration);
  if (script.direction === 'down') return forgetSql(script.migration, { keepsSources });
  const insert = `INSERT INTO hectic.migration (name, hash) VALUES (${name}, ${quoteLiteral(script.hash)})`;
  return keepsSources ? `${insert};\n${sourceSql(script)}` : insert;
}

/** Statements that remove a migration's row. What refers to it goes first, because a script may have switched cascades off. */
export function forgetSql(migration: string, { keepsSources }: Pick<History, 'keepsSources'>): string {
  const name = quoteLiteral(migration);
  const remove = `DELETE FROM hectic.migration WHERE name = ${name}`;
  if (!keepsSources) return remove;
  const rows = `SELECT id FROM hectic.migration WHERE name = ${name}`;
  return `DELETE FROM hectic.migration_source WHERE migration_id IN (${rows});\n${remove}`;
}

/** Statements that make the row of an applied migration follow the files. */
export function repairSql(script: MigrationScript, { keepsSources }: Pick<History, 'keepsSources'>): string {
  const name = quoteLiteral(script.migration);
  const update = `UPDATE hectic.migration SET hash = ${quoteLiteral(script.hash)} WHERE name = ${name}`;
  return keepsSources ? `${update};\n${sourceSql(script)}` : update;
}

/** A text larger than this is not kept: it is data, of which nobody reads a diff. */
const largestSource = 1 << 20;

function sourceSql({ migration, sources }: MigrationScript): string {
  const size = sources.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const kept = size > largestSource ? [] : sources;
  const files = asciiJson(kept.map(({ name, bytes }) => ({ name, text: bytes.toString('utf8') })));
  return `INSERT INTO hectic.migration_source (migration_id, files)
  SELECT id, ${quoteLiteral(files)} FROM hectic.migration WHERE name = ${quoteLiteral(migration)}
  ON CONFLICT (migration_id) DO UPDATE SET files = EXCLUDED.files`;
}

/** JSON that every encoding of a client or a database can carry. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The files of a migration as they were when it was applied; undefined when they were not kept. */
export async function readAppliedText(
  session: ScriptSession,
  { keepsSources }: History,
  name: string,
): Promise<readonly { readonly name: string; readonly text: string }[] | undefined> {
  if (!keepsSources) return undefined;
  const [[files] = []] = await query(
    session,
    `SELECT s.files FROM hectic.migration_source s JOIN hectic.migration m ON m.id = s.migration_id
     WHERE m.name = ${quoteLiteral(name)}`,
  );
  const kept: unknown = files == null ? [] : JSON.parse(files);
  if (!Array.isArray(kept) || kept.length === 0) return undefined;
  return kept.map(({ name: file, text }) => ({ name: String(file), text: String(text) }));
}

/** The history has to be there for what is to be done. */
export function requireHistory(history: History): void {
  if (history.exists) return;
  throw new UserError('the database has no history of migrations (table hectic.migration)', {
    exitCode: ExitCode.ambiguous,
    hint: "'migrator init' makes it with the hectic bundle, 'migrator init --no-hook' makes it alone",
  });
}
