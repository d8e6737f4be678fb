import { UserError } from '../errors.js';
import { applyBundle } from '../hectic/apply.js';
import { bundleFingerprint } from '../hectic/bundle.js';
import { withClient } from '../postgres/client.js';
import type { ScriptSession } from '../script/session.js';
import { query } from './session.js';
import type { Workplace } from './workplace.js';

/** Applies the hectic bundle unless the database carries this very one, so that a run without news changes nothing of it. */
export async function ensureBundle(workplace: Workplace, session: ScriptSession): Promise<void> {
  const [[comment] = []] = await query(
    session,
    "SELECT pg_catalog.obj_description(pg_catalog.to_regnamespace('hectic')::oid, 'pg_namespace')",
  );
  if (comment !== bundleFingerprint()) await applyBundleFor(workplace);
}

/** Applies the hectic bundle in a transaction of its own. Throws a UserError; what a role without rights can do about it is said. */
export async function applyBundleFor({ connection, reporter, signal }: Workplace): Promise<void> {
  await reporter.step('apply the hectic bundle', async (detail) => {
    try {
      const outcome = await withClient(connection, applyBundle, { signal });
      if (outcome === 'kept') detail('kept as it is');
    } catch (error) {
      if (!(error instanceof UserError) || !/permission denied|must be superuser/.test(error.message)) throw error;
      throw new UserError(error.message, { exitCode: error.exitCode, cause: error, hint: rightsHint });
    }
  });
}

const rightsHint =
  "the first time needs a superuser: let one run 'migrator init', after that the database's owner migrates\n" +
  "or do without the bundle: 'migrator init --no-hook' makes the history alone, and 'migrate --no-hook' leaves the bundle out";
