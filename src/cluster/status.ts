import { type Cluster, clusterAt } from './cluster.js';
import { inspectData } from './inspect.js';
import { placesOf } from './places.js';
import { findServer } from './server.js';
import type { ClusterSettings } from './settings.js';
import { socketPlanOf } from './site.js';

export interface ClusterStatus {
  readonly running: boolean;
  /** Process of the running server. */
  readonly pid: number | undefined;
  /** Major version of the files; undefined when there is no cluster. */
  readonly major: number | undefined;
  /** The cluster as it runs, or would run. */
  readonly cluster: Cluster;
}

/** Looks at the cluster of a working directory; starts and changes nothing. */
export async function clusterStatus(settings: ClusterSettings): Promise<ClusterStatus> {
  const { dataDir, workingDir } = placesOf(settings.workingDir);
  const state = await inspectData(dataDir, workingDir);
  const server = await findServer(dataDir);
  const host = server?.socketDir ?? (await socketPlanOf(settings)).host;
  const cluster = clusterAt({ ...settings, port: server?.port ?? settings.port }, host);
  return {
    running: server !== undefined,
    pid: server?.pid,
    major: state.kind === 'cluster' ? state.major : undefined,
    cluster,
  };
}
