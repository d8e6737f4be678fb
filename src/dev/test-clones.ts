import type { ClientBase } from 'pg';
import { copyDatabase, dropDatabase } from './database-copy.js';
import { hydrate } from './hydrate.js';
import { patch } from './patch.js';
import { hasSnapshot, publishSnapshot, readDeployment, snapshotName, takeSnapshot } from './snapshot.js';
import { inDatabase, type Target, withMaintenance } from './target.js';
import type { Workspace } from './workspace.js';

/** Makes and removes copies of the deployed database. */
export interface Clones {
  /** Answers the new database's name. */
  create(): Promise<string>;
  drop(name: string): Promise<void>;
}

/** Databases that belong to one process of ours; the number behind the prefix is its pid. */
const passing = /^slipway_(?:test|draft)_(\d+)(?:_|$)/;

/** Lends clones of the target, made from its snapshot, which is made first where it is missing. */
export async function withClones<T>(
  workspace: Workspace,
  target: Target,
  use: (clones: Clones) => Promise<T>,
): Promise<T> {
  return withMaintenance(target, async (client) => {
    if (target.cluster !== undefined) await dropLeftovers(client);
    await ensureSnapshot(workspace, target, client);
    const clones = clonesOf(target, client);
    try {
      return await use(clones);
    } finally {
      if (target.cluster === undefined) await dropDatabase(client, snapshotName(target.database));
    }
  });
}

/** All of them are made over one connection, one after the other: CREATE DATABASE has nothing to gain from more. */
function clonesOf({ database }: Target, client: ClientBase): Clones {
  let count = 0;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };
  return {
    async create() {
      count += 1;
      const name = `slipway_test_${process.pid}_${count}`;
      await inTurn(() => copyDatabase(client, snapshotName(database), name, database));
      return name;
    },
    drop: (name) => inTurn(() => dropDatabase(client, name)),
  };
}

/**
 * The snapshot is normally there since the deployment. Otherwise the database is copied now; and while somebody is
 * connected to it, the same sources are deployed again beside it.
 */
async function ensureSnapshot(workspace: Workspace, target: Target, client: ClientBase): Promise<void> {
  if (await hasSnapshot(client, target.database)) return;
  if (await takeSnapshot(client, target.database)) return;
  const { hydrated, patched } = await readDeployment(client, target.database);
  workspace.progress.note(`${target.database} is in use, so what was deployed is deployed once more for the tests`);
  await publishSnapshot(client, target.database, async (name) => {
    await copyDatabase(client, 'template1', name, target.database);
    const copy = inDatabase(target, name);
    // Standard output belongs to the report of the tests.
    const aside = { ...workspace, stdout: workspace.stderr };
    if (hydrated !== undefined) await hydrate(aside, copy, hydrated);
    if (patched === true) await patch(aside, copy);
  });
}

/** Removes what processes left that were killed before they could. */
async function dropLeftovers(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>('SELECT datname AS name FROM pg_database');
  for (const { name } of rows) {
    const pid = passing.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await dropDatabase(client, name);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
