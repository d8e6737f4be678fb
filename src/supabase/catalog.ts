import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { scramVerifier } from '../postgres/scram.js';
import { supabasePath } from './files.js';
import type { Settings } from './settings.js';

/** Facts about a database, as sql/supabase/catalog.sql words them, such as `schema auth belongs to supabase_admin`. */
export type Facts = ReadonlySet<string>;

export async function readFacts(client: pg.Client): Promise<Facts> {
  const { rows } = await client.query<{ fact: string }>(readFileSync(supabasePath('catalog.sql'), 'utf8'));
  return new Set(rows.map(({ fact }) => fact));
}

/** Roles that a password is given to; `supabase_admin` only where it is ours. */
const logins = [
  'authenticator',
  'pgbouncer',
  'supabase_auth_admin',
  'supabase_functions_admin',
  'supabase_storage_admin',
] as const;

export function passwordFact(role: string): string {
  return `role ${role} has the given password`;
}

export const jwtSecretFact = 'database sets app.settings.jwt_secret to the given secret';

/** The roles whose password counts, `supabase_admin` among them when Slipway made it. */
export function loginsOf({ isOurs }: { isOurs: boolean }): readonly string[] {
  return isOurs ? [...logins, 'supabase_admin'] : logins;
}

/** Facts that compare what the catalogs hold with secrets that were given. Only a superuser may read pg_authid. */
export async function readSecretFacts(
  client: pg.Client,
  { password, jwtSecret }: Settings,
  { isSuperuser }: { isSuperuser: boolean },
): Promise<Facts> {
  const facts = new Set<string>();
  if (password !== undefined && isSuperuser) {
    const { rows } = await client.query<{ role: string; verifier: string }>(
      'SELECT rolname AS role, rolpassword AS verifier FROM pg_catalog.pg_authid WHERE rolname = ANY ($1) AND rolpassword IS NOT NULL',
      [[...logins, 'supabase_admin']],
    );
    for (const { role, verifier } of rows) if (isVerifierOf(verifier, password)) facts.add(passwordFact(role));
  }
  if (jwtSecret !== undefined && (await readJwtSecretHash(client)) === sha256Of(jwtSecret)) facts.add(jwtSecretFact);
  return facts;
}

function isVerifierOf(verifier: string, password: string): boolean {
  const [, iterations, salt] = /^SCRAM-SHA-256\$(\d{1,6}):([^$]+)\$/.exec(verifier) ?? [];
  if (iterations === undefined || salt === undefined) return false;
  return scramVerifier(password, { salt: Buffer.from(salt, 'base64'), iterations: Number(iterations) }) === verifier;
}

async function readJwtSecretHash(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ hash: string }>(`
    SELECT encode(sha256(convert_to(substr(setting, length('app.settings.jwt_secret=') + 1), 'UTF8')), 'hex') AS hash
    FROM pg_catalog.pg_db_role_setting, unnest(setconfig) AS setting
    WHERE setrole = 0 AND setting LIKE 'app.settings.jwt\\_secret=%'
      AND setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`);
  return rows[0]?.hash;
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
