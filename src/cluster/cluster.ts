import { join } from 'node:path';
import { placesOf } from './places.js';
import type { ClusterSettings } from './settings.js';
import { type Address, clusterUrl } from './url.js';

/** A cluster: how to reach it, and where its files are. */
export interface Cluster extends Address {
  readonly workingDir: string;
  readonly dataDir: string;
  readonly logDir: string;
  readonly url: string;
}

/** The cluster that settings describe, with its socket in `host`. */
export function clusterAt({ workingDir, port, user, database, log }: ClusterSettings, host: string): Cluster {
  const { dataDir } = placesOf(workingDir);
  const logDir = log.directory ?? join(dataDir, 'log');
  return { host, port, user, database, workingDir, dataDir, logDir, url: clusterUrl({ host, port, user, database }) };
}
