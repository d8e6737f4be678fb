import type pg from 'pg';
import { UserError } from '../../errors.js';
import { describe } from '../../script/errors.js';
import { runScript } from '../../script/run.js';
import { quoteIdentifier, quoteLiteral } from '../../sql/quote.js';
import type { Step } from '../plan/item.js';
import { administratorConfig, type Server } from '../server.js';

type FileStep = NonNullable<Step['file']>;

/**
 * Runs an SQL file in a database and records it there, in one transaction: after a kill it has either been run and recorded, or
 * neither. The record goes where the database goes, into dumps and out of them.
 */
export async function runFile(client: pg.Client, server: Server, database: string, file: FileStep): Promise<void> {
  await client.query(recordTable);
  const { path } = file.script;
  const outcome = await runScript({
    connection: administratorConfig(server, database),
    text: scriptFor(file),
    variables: { slipway_file: path },
    singleTransaction: true,
    printErrors: false,
    signal: server.signal,
  });
  const [error] = outcome.errors;
  if (error === undefined) return;
  throw Object.assign(new UserError(describe(error), { hint: error.hint }), { code: error.sqlstate });
}

/** `:slipway_file` is a psql variable, so that no path can be read as anything else. */
function scriptFor({ service, script, user, sha256 }: FileStep): string {
  const asService = script.as === 'service';
  const values = [service, script.name, sha256].map(quoteLiteral).join(', ');
  return [
    asService ? `SET ROLE ${quoteIdentifier(user)};` : '',
    '\\i :slipway_file',
    asService ? 'RESET ROLE;' : '',
    `INSERT INTO slipway.provision_file (service, name, sha256) VALUES (${values})
      ON CONFLICT (service, name) DO UPDATE SET sha256 = excluded.sha256, applied_at = default;`,
  ].join('\n');
}

/** One statement string is one transaction. */
const recordTable = `CREATE SCHEMA IF NOT EXISTS slipway;
  CREATE TABLE IF NOT EXISTS slipway.provision_file (
    service text NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service, name));`;
