import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { quoteLiteral } from '../../sql/quote.js';
import { ask } from '../connection.js';
import { commandError } from '../failure.js';
import type { ScriptSession } from '../session.js';
import { systemMessage } from '../system-error.js';
import { expandTilde } from '../target.js';
import { argument, type Command, type CommandOutcome, type CommandTable, failed, isForbidden } from './command.js';

/** `\lo_import`, `\lo_export`, `\lo_unlink` (`\lo_list` is `\dl`). */
export const largeObjectCommands: CommandTable = {
  lo_import: { run: importObject },
  lo_export: { run: exportObject },
  lo_unlink: { run: unlinkObject },
};

async function importObject(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const file = await argument(command);
  const comment = await argument(command);
  if (file === undefined) return failed(command, 'missing required argument');
  if (isForbidden(command, 'reading files is')) return 'failed';
  const bytes = await unlessRefused(command, `could not open file "${file}"`, () => readFile(pathOf(session, file)));
  if (bytes === undefined) return 'failed';
  const oid = await value(session, `SELECT pg_catalog.lo_from_bytea(0, '\\x${bytes.toString('hex')}')`);
  if (oid === undefined) return 'failed';
  if (
    comment !== undefined &&
    (await ask(session, `COMMENT ON LARGE OBJECT ${oid} IS ${quoteLiteral(comment)}`)) === undefined
  ) {
    return 'failed';
  }
  session.variables.set('LASTOID', oid);
  return said(session, `lo_import ${oid}`);
}

async function exportObject(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const oid = await argument(command);
  const file = await argument(command);
  if (oid === undefined || file === undefined) return failed(command, 'missing required argument');
  if (isForbidden(command, 'writing to files is')) return 'failed';
  const hex = await value(session, `SELECT pg_catalog.encode(pg_catalog.lo_get(${numberOf(oid)}), 'hex')`);
  if (hex === undefined) return 'failed';
  const written = await unlessRefused(command, `could not create file "${file}"`, async () => {
    await writeFile(pathOf(session, file), Buffer.from(hex, 'hex'));
    return true;
  });
  return written === undefined ? 'failed' : said(session, 'lo_export');
}

async function unlinkObject(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const oid = await argument(command);
  if (oid === undefined) return failed(command, 'missing required argument');
  const done = await value(session, `SELECT pg_catalog.lo_unlink(${numberOf(oid)})`);
  return done === undefined ? 'failed' : said(session, `lo_unlink ${numberOf(oid)}`);
}

/** Like C's atooid: the digits at the front. */
function numberOf(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

function pathOf({ system }: ScriptSession, name: string): string {
  return resolve(system.cwd, expandTilde(name, system.env));
}

async function value(session: ScriptSession, sql: string): Promise<string | undefined> {
  const result = await ask(session, sql, 'briefly');
  return (result?.kind === 'rows' ? result.rows[0]?.[0] : undefined) ?? undefined;
}

async function unlessRefused<T>({ session }: Command, what: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    // The words are libpq's own, which psql shows without a label.
    const text = `${what}: ${systemMessage(error)}`;
    session.log.write('info', text, session.place);
    session.keepError(commandError(text, session.place));
    return undefined;
  }
}

function said({ settings, queryOutput }: ScriptSession, text: string): 'done' {
  if (!settings.quiet) queryOutput.buffer.write(`${text}\n`);
  return 'done';
}
