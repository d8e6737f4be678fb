import { removeCluster } from '../cluster/stop.js';
import type { Workspace } from './workspace.js';

/** `database cleanup`: stops the project's cluster and removes PG_WORKING_DIR, as far as it is the cluster's. */
export async function cleanup({ progress, project, signal }: Workspace): Promise<void> {
  await progress.step('remove the cluster', async (detail) => {
    detail(project.workingDir);
    await removeCluster(project.workingDir, { signal, report: progress.note });
  });
}
