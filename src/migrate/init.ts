import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { bundleStatus } from '../hectic/apply.js';
import { bundlePath, bundleVersion } from '../hectic/bundle.js';
import { withClient } from '../postgres/client.js';
import { applyBundleFor } from './bundle.js';
import { withMigrationLock } from './lock.js';
import { withMigratorSession } from './open.js';
import { query, Refused } from './session.js';
import { describeTarget, type Workplace } from './workplace.js';

/** `migrator init`: makes the place where the history is kept, with the hectic bundle or, without `hook`, alone. */
export async function init(workplace: Workplace, { hook }: { hook: boolean }): Promise<void> {
  const { reporter, connection, signal } = workplace;
  reporter.note(describeTarget(connection));
  await withMigratorSession(connection, signal, ({ session }) =>
    withMigrationLock(
      session,
      (holder) => reporter.note(`waiting for ${holder}`),
      async () => {
        if (hook) return applyBundleFor(workplace);
        await reporter.step('make the history of migrations', async () => {
          await query(session, `BEGIN;\nSET LOCAL search_path = pg_catalog;\n${await historySql()};\nCOMMIT`).catch(
            refused,
          );
        });
      },
    ),
  );
}

/** What `init` would do, in a line each. */
export async function planInit(
  { connection, signal }: Workplace,
  { hook }: { hook: boolean },
): Promise<readonly string[]> {
  if (!hook) return [`make the tables of the history in ${describeTarget(connection)}, where they are missing`];
  const installed = await withClient(connection, bundleStatus, { signal });
  if (installed !== undefined && installed !== bundleVersion) {
    return [`refuse: ${describeTarget(connection)} carries the hectic bundle ${installed}, this is ${bundleVersion}`];
  }
  const verb = installed === undefined ? 'install' : 'renew';
  return [`${verb} the hectic bundle ${bundleVersion} in ${describeTarget(connection)}`];
}

function historySql(): Promise<string> {
  return readFile(bundlePath('migration'), 'utf8');
}

function refused(error: unknown): never {
  if (!(error instanceof Refused)) throw error;
  throw new UserError(`the history of migrations cannot be made: ${error.message} (SQLSTATE ${error.sqlstate})`, {
    cause: error,
    hint: "it needs the right to create a schema, which the database's owner has",
  });
}
