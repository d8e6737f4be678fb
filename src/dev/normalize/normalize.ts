import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import { restoreCluster } from '../../cluster/restore.js';
import type { ClusterSettings } from '../../cluster/settings.js';
import { withTemporaryPlace } from '../../cluster/temporary.js';
import { resolveConnection } from '../../postgres/config.js';
import type { Backup } from '../backup/backup.js';
import type { BackupFacts } from '../backup/facts.js';
import { readablePath, withBackupLock, withNewBackup } from '../backup/new-backup.js';
import { unpack } from '../backup/restore.js';
import { type BackupSource, openBackup } from '../backup/source.js';
import { proveBackup, writeBackup } from '../backup/write.js';
import { localSettings } from '../local-cluster.js';
import type { Workspace } from '../workspace.js';
import { type LocalConf, localConf } from './conf.js';
import { admitRoles, admittingRole, inDatabase, refreshingTemplates, settleDatabases } from './databases.js';
import { refuseNesting } from './places.js';

export interface NormalizeOptions {
  /** The raw backup; the project's own one when undefined. */
  readonly path: string | undefined;
  /** Where the local backup goes. */
  readonly output: string | undefined;
  /** A role that shall be there, with the right to log in; the calling user's when undefined. */
  readonly role: string | undefined;
  /** A database that shall be there; what `database_name` of the backup says, or PG_DATABASE, when undefined. */
  readonly database: string | undefined;
  /** A superuser of the backup to work as; when undefined the calling user is made one. */
  readonly adminRole: string | undefined;
}

/**
 * `database normalize-backup`: makes a local backup of a raw production backup. A copy of it is recovered and started here, put right for
 * this system, and backed up again. The input is only read; an output that was there stays until the new one has been proved.
 */
export async function normalizeBackup(workspace: Workspace, options: NormalizeOptions): Promise<Backup> {
  const { backupDir } = workspace.project;
  const input = options.path ?? backupDir;
  const output = options.output ?? `${backupDir}-normalized`;
  refuseNesting(input, output);
  return withBackupLock(input, workspace, 'reads this backup', () =>
    withNewBackup(output, workspace, async (draft) => {
      const source = await openBackup(readablePath(input), { archive: false });
      const facts = await proveBackup(source, workspace);
      const run = planRun(workspace, source, facts, options);
      const { progress, signal, env } = workspace;
      const place = { env, signal, report: progress.note, parent: dirname(output) };
      const written = await withTemporaryPlace(place, async (settings) => {
        const cluster = await startCopy(run, settings);
        await settle(run, cluster);
        return writeBackup(resolveConnection(cluster.url, env), draft, run.database, workspace);
      });
      return { ...written, path: output };
    }),
  );
}

/** What one run works with. */
interface Run {
  readonly workspace: Workspace;
  readonly source: BackupSource;
  readonly facts: BackupFacts;
  readonly conf: LocalConf;
  /** The calling user, as whom the local server is used. */
  readonly user: string;
  readonly role: string;
  readonly database: string;
  readonly adminRole: string | undefined;
}

function planRun(
  workspace: Workspace,
  source: BackupSource,
  facts: BackupFacts,
  { role, database, adminRole }: NormalizeOptions,
): Run {
  const { user, database: byDefault } = localSettings(workspace, true);
  const conf = localConf(facts.conf, facts.autoConf);
  const named = database ?? source.databaseName ?? byDefault;
  return { workspace, source, facts, conf, user, role: role ?? user, database: named, adminRole };
}

function startCopy(run: Run, settings: ClusterSettings): Promise<Cluster> {
  const { workspace, facts, conf, user, role, database, adminRole } = run;
  const { progress, signal, env } = workspace;
  const { preload } = settings;
  const libraries = [...new Set([...(preload.explicit ? preload.libraries : []), ...conf.preload])];
  const wanted = {
    ...settings,
    user: adminRole ?? user,
    database: 'template1',
    alsoEnsure: { user: role, database },
    preload: { libraries, explicit: false },
  };
  return progress.step('start a copy', async (detail) => {
    const data = {
      major: facts.major,
      bytes: facts.bytes,
      hasTablespaces: facts.tablespaces.length > 0,
      statements: [...(adminRole === undefined ? admittingRole(user) : []), ...refreshingTemplates(facts.major)],
      fill: (directory: string) => fill(run, directory, detail),
    };
    const { cluster } = await restoreCluster(wanted, data, { signal, env, report: progress.warn });
    detail(`PostgreSQL ${facts.major}`);
    return cluster;
  });
}

/** What says how the production server runs is left out: signals, recovery settings, archiving, paths, access rules. */
async function fill(
  { workspace, source, conf }: Run,
  directory: string,
  detail: (text: string) => void,
): Promise<void> {
  await unpack(source, directory, workspace, detail);
  const write = (name: string, text: string) => writeFile(join(directory, name), text, { mode: 0o600 });
  await write('postgresql.conf', conf.text);
  for (const name of ['postgresql.auto.conf', 'pg_ident.conf']) await write(name, '');
  await rm(join(directory, 'pg_hba.conf'), { force: true });
}

async function settle({ workspace, user, role, database }: Run, cluster: Cluster): Promise<void> {
  const { progress, env } = workspace;
  await progress.step('put the copy right', async (detail) => {
    await inDatabase(cluster, env, 'template1', (client) => admitRoles(client, user, role));
    const { reindexed, subscriptions } = await settleDatabases(cluster, env);
    detail([`role ${role}, database ${database}`, ...reindexed.map((name) => `reindexed ${name}`)].join(', '));
    for (const name of subscriptions) progress.warn(`the subscription ${name} is disabled in the copy`);
  });
}
