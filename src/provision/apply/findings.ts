import type pg from 'pg';
import type { Assignment, Look } from '../look.js';
import { observeOutside } from '../observe/observe.js';
import type { DatabaseRecord, ObservedContents, ObservedRole, PasswordRecord } from '../observe/observed.js';
import { digestVerifier } from '../passwords/findings.js';
import type { PasswordFindings } from '../plan/passwords.js';
import { writeRecord } from '../record.js';
import { digestWishes, residences } from '../wishes.js';
import type { Ledger } from './ledger.js';

/** The findings after passwords have been set: what was sent is what has to be there now, as far as one may look. */
export function confirmPasswords(
  findings: PasswordFindings,
  roles: ReadonlyMap<string, ObservedRole>,
  verifierOf: (user: string) => string | undefined,
): PasswordFindings {
  return new Map(
    [...findings].map(([user, finding]) => {
      const sent = verifierOf(user);
      if (sent === undefined) return [user, finding];
      const kept = roles.get(user)?.verifier;
      return [user, { ...finding, state: kept === undefined || kept === sent ? 'same' : 'different' }];
    }),
  );
}

/** What an application has found out. */
export interface Outcome {
  /** What was found inside databases at last. */
  readonly contents: ReadonlyMap<string, ObservedContents>;
  /** Verifiers that were sent. */
  readonly verifiers: ReadonlyMap<string, string>;
  readonly ledger: Ledger;
}

/** Writes down which passwords are in force, and up to where databases were found as wished. */
export async function remember(
  client: pg.Client,
  { spec }: Assignment,
  { observed, findings }: Look,
  { contents, verifiers, ledger }: Outcome,
): Promise<undefined> {
  const isFirst = verifiers.size > 0 || [...contents.keys()].some((name) => !observed.databases.has(name));
  const outside = isFirst ? await observeOutside(client, spec) : observed;
  const databases = new Map<string, DatabaseRecord>();
  for (const residence of residences(spec)) {
    const { name } = residence.database;
    const found = contents.get(name);
    const isSettled = residence.services.every((service) => ledger.isWanted({ services: [service.name] }));
    if (found === undefined || found.activity.isBusy || !isSettled) continue;
    const wishes = digestWishes(residence, outside.roles, observed.files, outside.server.version);
    databases.set(name, { wishes, epoch: outside.server.statisticsEpoch, writes: found.activity.writes });
  }
  const passwords = passwordRecords(findings, outside.roles, verifiers);
  await writeRecord(client, outside, { passwords, databases });
}

/** Only what was proved to be in force, or has just been set, is worth a record. */
function passwordRecords(
  findings: PasswordFindings,
  roles: ReadonlyMap<string, ObservedRole>,
  verifiers: ReadonlyMap<string, string>,
): ReadonlyMap<string, PasswordRecord> {
  const records = new Map<string, PasswordRecord>();
  for (const [user, { outcome, state }] of findings) {
    const verifier = roles.get(user)?.verifier;
    const sent = verifiers.get(user);
    const isInForce = sent === undefined ? state === 'same' : verifier === undefined || verifier === sent;
    if (outcome.state !== 'read' || !isInForce) continue;
    const { origin, version = null, created = null } = outcome.secret;
    const verifierDigest = typeof verifier === 'string' ? digestVerifier(verifier) : null;
    records.set(user, { origin, version, created, verifierDigest });
  }
  return records;
}
