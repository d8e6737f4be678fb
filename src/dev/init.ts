import type { Cluster } from '../cluster/cluster.js';
import { startCluster } from '../cluster/start.js';
import { localSettings } from './local-cluster.js';
import type { Workspace } from './workspace.js';

/** `database init`: starts the project's cluster, afresh unless `reuse` (or PG_REUSE) keeps the one that is there. */
export async function init(workspace: Workspace, { reuse }: { reuse: boolean }): Promise<Cluster> {
  const { progress, signal, env } = workspace;
  const settings = localSettings(workspace, reuse);
  return progress.step('start the cluster', async (detail) => {
    const cluster = await startCluster(settings, { signal, env, report: progress.note });
    detail(cluster.workingDir);
    return cluster;
  });
}
