import { createHash } from 'node:crypto';
import { isVerifierOf } from '../../postgres/scram.js';
import type { ObservedRole } from '../observe/observed.js';
import { inParallel } from '../parallel.js';
import type { PasswordFinding, PasswordFindings, PasswordState } from '../plan/passwords.js';
import { loginsOf } from '../plan/users.js';
import type { Passwords, Secret } from '../secrets/secret.js';
import type { Server } from '../server.js';
import type { ProvisionSpec } from '../spec/types.js';
import { probePassword } from './probe.js';
import { unusableReason } from './usable.js';

/** Compares every password of the specification with what the server keeps, without writing anything. */
export async function findPasswords(
  server: Server,
  { services }: ProvisionSpec,
  {
    roles,
    databases,
  }: { readonly roles: ReadonlyMap<string, ObservedRole>; readonly databases: ReadonlyMap<string, unknown> },
  passwords: Passwords,
  parallel: number,
): Promise<PasswordFindings> {
  const findings = new Map<string, PasswordFinding>();
  const doorOf = new Map(services.map(({ user, database }) => [user.name, database.name]));
  await inParallel(loginsOf(services), parallel, async ({ user }) => {
    const outcome = passwords.get(user.name);
    if (outcome === undefined) return;
    if (outcome.state !== 'read')
      return void findings.set(user.name, { outcome, state: undefined, unusable: undefined });
    const { secret } = outcome;
    const unusable = unusableReason(secret.reveal());
    const role = user.passwordPolicy === 'createOnly' ? undefined : roles.get(user.name);
    const door = doorOf.get(user.name) ?? '';
    const database = databases.has(door) ? door : server.config.database;
    const probe = () => probePassword(server, user.name, secret.reveal(), database);
    const state = role === undefined || unusable !== undefined ? undefined : await compare(role, secret, probe);
    findings.set(user.name, { outcome, state, unusable });
  });
  return findings;
}

async function compare(
  role: ObservedRole,
  secret: Secret,
  probe: () => Promise<PasswordState>,
): Promise<PasswordState> {
  const { name, verifier } = role;
  if (verifier === undefined) return probe();
  if (verifier === null) return 'none';
  if (isOnRecord(role, secret, verifier)) return 'same';
  const password = secret.reveal();
  const isSame = verifier.startsWith('md5')
    ? verifier === `md5${createHash('md5').update(`${password}${name}`).digest('hex')}`
    : await isVerifierOf(verifier, password);
  return isSame ? 'same' : 'different';
}

/** A version of a secret never changes; that it was in force, and that the verifier is still the same one, settles the matter. */
function isOnRecord({ record }: ObservedRole, { origin, version, created }: Secret, verifier: string): boolean {
  if (record === undefined || version === undefined || created === undefined) return false;
  const isSameSecret = record.origin === origin && record.version === version && record.created === created;
  return isSameSecret && record.verifierDigest === digestVerifier(verifier);
}

export function digestVerifier(verifier: string): string {
  return createHash('sha256').update(verifier).digest('hex');
}
