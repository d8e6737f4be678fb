import { type ClusterSettings, readClusterSettings } from '../cluster/settings.js';
import { type ClusterStatus, clusterStatus } from '../cluster/status.js';
import type { Workspace } from './workspace.js';

/** postgres-init's settings for the project's own cluster, the project's defaults filled in. */
export function localSettings({ project, env }: Workspace, reuse = false): ClusterSettings {
  return readClusterSettings({
    ...env,
    PG_WORKING_DIR: project.workingDir,
    ...(project.url === undefined ? {} : { DB_URL: project.url.text }),
    ...(reuse ? { PG_REUSE: '1' } : {}),
  });
}

export function localStatus(workspace: Workspace): Promise<ClusterStatus> {
  return clusterStatus(localSettings(workspace));
}
