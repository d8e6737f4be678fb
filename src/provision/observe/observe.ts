import type pg from 'pg';
import { inParallel } from '../parallel.js';
import { asAdministrator, jsonValues, type Server } from '../server.js';
import type { ProvisionSpec } from '../spec/types.js';
import { digestWishes, type FileDigests, questionOf, type Residence, residences, rolesOf } from '../wishes.js';
import { observeContents } from './contents.js';
import { databaseQuery, readDatabases } from './databases.js';
import { observeFacts } from './facts.js';
import type { Contents, Observed, ObservedDatabase, ServerFacts } from './observed.js';
import { readRoles, roleQueries } from './roles.js';

export interface ObserveOptions {
  /** Databases that are visited at a time. */
  readonly parallel: number;
  /** Visit every database, also those in which nothing can have changed since they were found as wished. */
  readonly visitAll?: boolean;
}

/** What can be seen from the maintenance database. */
export type Outside = Pick<Observed, 'server' | 'roles' | 'databases'>;

/** Reads what can be seen from the maintenance database, in two round trips, however much there is. @param alsoNamed further roles and databases */
export async function observeOutside(
  client: pg.Client,
  spec: ProvisionSpec,
  alsoNamed: readonly string[] = [],
): Promise<Outside> {
  const facts = await observeFacts(client);
  const found = residences(spec);
  const roles = roleQueries(new Set([facts.user, ...found.flatMap((one) => [...rolesOf(one)]), ...alsoNamed]), facts);
  const templates = found.map(({ database }) => database.creation.template ?? 'template1');
  const names = new Set([...found.map(({ database }) => database.name), ...templates, ...alsoNamed]);
  const answers = await jsonValues(client, [...roles, databaseQuery(names, facts)]);
  return { server: facts, roles: readRoles(answers), databases: readDatabases(answers.at(-1)) };
}

/**
 * Visits the databases where something may have changed, for one or two round trips in each: as many as there are databases, however
 * many grants there are in them.
 */
export async function observeInside(
  server: Server,
  spec: ProvisionSpec,
  outside: Outside,
  files: FileDigests,
  { parallel, visitAll = false }: ObserveOptions,
): Promise<Pick<Observed, 'contents' | 'unreachable'>> {
  const contents = new Map<string, Contents>();
  const unreachable = new Map<string, unknown>();
  await inParallel(residences(spec), parallel, async (residence) => {
    const { name } = residence.database;
    const database = outside.databases.get(name);
    if (database === undefined || !isVisitable(database)) return;
    const wishes = digestWishes(residence, outside.roles, files, outside.server.version);
    if (!visitAll && isUnchanged(database, outside.server, wishes)) return void contents.set(name, 'unchanged');
    await visit(server, residence, outside.server).then(
      (found) => contents.set(name, found),
      (error: unknown) => unreachable.set(name, error),
    );
  });
  server.signal?.throwIfAborted();
  return { contents, unreachable };
}

/** A connection to what an interrupted DROP DATABASE has left, or to a database that allows none, only fails. */
function isVisitable({ allowsConnections, connectionLimit }: ObservedDatabase): boolean {
  return allowsConnections && connectionLimit !== -2;
}

/**
 * Whether the database is as it was when it was found as wished. Every change to an ACL, a schema or an extension writes rows in the
 * database's own catalogs; their count standing still proves that there was none, given that it is the same count (the statistics
 * have not been reset) and that no session may still have something to report.
 */
function isUnchanged(
  { record, activity }: ObservedDatabase,
  { statisticsEpoch }: ServerFacts,
  wishes: string,
): boolean {
  if (record === undefined || activity.isBusy) return false;
  return record.wishes === wishes && record.epoch === statisticsEpoch && record.writes === activity.writes;
}

function visit(server: Server, residence: Residence, facts: ServerFacts) {
  const { name } = residence.database;
  return asAdministrator(server, (client) => observeContents(client, questionOf(residence), facts), name);
}
