import { quoteLiteral } from '../sql/quote.js';
import { type BundleFile, bundleFiles, bundleFingerprint, bundleVersion } from './bundle.js';
import { inTransaction, type Queryable, userErrorOf } from './session.js';

/** `kept`: the version is there, and the role may not replace what a superuser installed. */
export type BundleOutcome = 'installed' | 'renewed' | 'kept';

/**
 * Applies the whole bundle in one transaction, under a lock that makes concurrent callers wait for each other. Needs a
 * connection outside a transaction, and a superuser unless the bundle is there already. Throws a UserError that names the file;
 * a database of another bundle version is one, and is left unchanged.
 */
export async function applyBundle(client: Queryable): Promise<BundleOutcome> {
  const installed = await bundleStatus(client);
  if (installed === bundleVersion && !(await isSuperuser(client))) return 'kept';
  await inTransaction(client, async () => {
    await client.query(
      "SET LOCAL search_path = pg_catalog; SET LOCAL client_min_messages = warning; SET LOCAL lock_timeout = '60s'",
    );
    for (const file of bundleFiles()) await applyFile(client, file);
    await client.query(`COMMENT ON SCHEMA hectic IS ${quoteLiteral(bundleFingerprint())}`);
  });
  return installed === undefined ? 'installed' : 'renewed';
}

/** The version of the bundle that the database carries; undefined when it has none. */
export async function bundleStatus(client: Queryable): Promise<string | undefined> {
  // Nothing here is looked up in the session's search_path, which a database's owner can set for others.
  const { rows } = await client.query("SELECT pg_catalog.to_regclass('hectic.version') IS NOT NULL AS present");
  if (!rows[0].present) return undefined;
  const versions = await client.query('SELECT name, version FROM hectic.version');
  return versions.rows.find(({ name }) => name === 'hectic')?.version;
}

async function applyFile(client: Queryable, { name, sql }: BundleFile): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    throw userErrorOf(error, `hectic bundle, ${name}.sql`);
  }
}

async function isSuperuser(client: Queryable): Promise<boolean> {
  const { rows } = await client.query("SELECT pg_catalog.current_setting('is_superuser') AS superuser");
  return rows[0].superuser === 'on';
}
