import type pg from 'pg';
import { observeInside, observeOutside } from './observe/observe.js';
import type { Observed } from './observe/observed.js';
import { findPasswords } from './passwords/findings.js';
import type { PasswordFindings } from './plan/passwords.js';
import { type Plan, plan } from './plan/plan.js';
import type { Passwords } from './secrets/secret.js';
import { asAdministrator, type Server } from './server.js';
import type { ProvisionSpec } from './spec/types.js';
import { digestFiles } from './wishes.js';

/** What every provisioning works on. */
export interface Assignment {
  readonly server: Server;
  readonly spec: ProvisionSpec;
  readonly passwords: Passwords;
  /** Databases that are worked on at a time; 4 unless said otherwise. */
  readonly parallel?: number | undefined;
  /** Look into every database, also where nothing can have changed since it was found as wished. */
  readonly visitAll?: boolean | undefined;
}

/** What there is, and what follows from it. */
export interface Look {
  readonly observed: Observed;
  readonly findings: PasswordFindings;
  readonly plan: Plan;
}

/** What is to be done; writes nothing. Rejects with a ConnectionError when there is no way in. */
export async function planProvision(assignment: Assignment): Promise<Plan> {
  return asAdministrator(assignment.server, async (client) => (await look(client, assignment)).plan);
}

/** Observes and decides, over the administrator's connection to the maintenance database. */
export async function look(client: pg.Client, assignment: Assignment): Promise<Look> {
  const { server, spec, passwords, parallel = 4, visitAll = false } = assignment;
  const [files, outside] = await Promise.all([digestFiles(spec), observeOutside(client, spec)]);
  const [findings, inside] = await Promise.all([
    findPasswords(server, spec, outside, passwords, parallel),
    observeInside(server, spec, outside, files, { parallel, visitAll }),
  ]);
  const observed: Observed = { ...outside, ...inside, files };
  return { observed, findings, plan: plan(spec, observed, findings) };
}
