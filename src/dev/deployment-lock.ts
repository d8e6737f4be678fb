import { join } from 'node:path';
import { explainSystemError } from '../cluster/faults.js';
import { withLock } from '../cluster/lock.js';
import { placesOf } from '../cluster/places.js';
import { makeWorkingDir } from '../cluster/site.js';
import { removeEmptyDirectories } from '../cluster/stop.js';
import type { Target } from './target.js';
import type { Workspace } from './workspace.js';

/**
 * Runs `use` while no other deployment works on the project's cluster: two that mix would each find half of the other.
 * Elsewhere nothing of ours could hold a lock for as long.
 */
export async function withDeploymentLock<T>(
  { project, progress, signal }: Workspace,
  { cluster }: Target,
  use: () => Promise<T>,
): Promise<T> {
  if (cluster === undefined) return use();
  const places = placesOf(project.workingDir);
  await makeWorkingDir(places);
  const onWait = ({ pid, purpose }: { pid: number; purpose: string }) =>
    progress.note(`waiting for process ${pid}, which ${purpose}`);
  const options = { purpose: 'deploys to this cluster', signal, onWait };
  try {
    return await withLock(join(places.ownDir, 'deployment'), options, use);
  } catch (error) {
    throw explainSystemError(error, { workingDir: project.workingDir, confFile: undefined });
  } finally {
    await removeEmptyDirectories(places);
  }
}
