import type pg from 'pg';
import { observeContents } from '../observe/contents.js';
import type { ObservedContents, ServerFacts } from '../observe/observed.js';
import { planContents } from '../plan/contents.js';
import type { Item, Step } from '../plan/item.js';
import type { DatabasePlan } from '../plan/plan.js';
import { asAdministrator, type Server } from '../server.js';
import { type FileDigests, questionOf, type Residence } from '../wishes.js';
import { failureOf } from './failures.js';
import { runFile } from './file.js';
import { converge, onClient, type Work } from './items.js';

/** What working in a database takes. */
export interface Site {
  readonly server: Server;
  readonly facts: ServerFacts;
  readonly residence: Residence;
  /** Roles that exist by now. */
  readonly roleNames: ReadonlySet<string>;
  readonly files: FileDigests;
}

/** Does what is due in one database, from outside and inside. Answers what was found inside at last, if somebody was there. */
export async function applyDatabase(
  client: pg.Client,
  plan: DatabasePlan,
  site: Site,
  work: Work,
): Promise<ObservedContents | undefined> {
  const wasMade = plan.outside.some(({ steps }) => steps.some(({ action }) => action === 'create'));
  await converge(plan.outside, work, onClient(client, work), async () => []);
  const isDue = wasMade || plan.inside.some(({ steps }) => steps.length > 0);
  for (const item of plan.inside) if (!isDue) work.ledger.enter(item);
  const wanted = [...plan.outside, ...plan.inside].some((item) => work.ledger.isWanted(item));
  if (!isDue || !wanted) return undefined;
  try {
    return await asAdministrator(site.server, (inside) => applyInside(inside, site, work), plan.name);
  } catch (error) {
    work.signal?.throwIfAborted();
    for (const item of plan.inside) work.ledger.fail(item, failureOf(error));
    return undefined;
  }
}

async function applyInside(client: pg.Client, site: Site, work: Work): Promise<ObservedContents> {
  const { server, residence } = site;
  const run = onClient(client, work);
  const runEither = ({ file, ...step }: Step) =>
    file === undefined ? run(step) : runFile(client, server, residence.database.name, file);
  let last = await observe(client, site);
  await converge(itemsFor(last, site, work), work, runEither, async () => {
    await flushStatistics(client, site.facts);
    last = await observe(client, site);
    return itemsFor(last, site, work);
  });
  return last;
}

function observe(client: pg.Client, { residence, facts }: Site): Promise<ObservedContents> {
  return observeContents(client, questionOf(residence), facts);
}

/** What is due now that we are there; the plan was made before, and for a new database on assumptions. */
function itemsFor(
  contents: ObservedContents,
  { residence, facts, roleNames, files }: Site,
  { ledger }: Work,
): readonly Item[] {
  const { items, faults } = planContents({ residence, contents, version: facts.version, roleNames, files });
  for (const { service, object, ...failure } of faults)
    ledger.fail({ object, services: [service], steps: [] }, failure);
  return items;
}

/** Has what we have written counted before it is looked at again, so that the count stands for what is seen then. */
async function flushStatistics(client: pg.Client, { version }: ServerFacts): Promise<void> {
  if (version >= 150000) await client.query('SELECT pg_catalog.pg_stat_force_next_flush()');
}
