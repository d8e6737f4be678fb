import { basename, join } from 'node:path';
import { withTemporaryCluster } from '../cluster/temporary.js';
import { fill, type Parts } from './deploy.js';
import { requireSources } from './hydrate.js';
import type { Project } from './project.js';
import { takeSnapshot } from './snapshot.js';
import { targetAt, withMaintenance } from './target.js';
import { testTarget } from './test.js';
import type { FileResult, TestReport } from './test-report.js';
import type { Workspace } from './workspace.js';

export interface CheckOptions extends Parts {
  /** Told of each test file that has run; undefined: no tests are run. */
  readonly test: ((result: FileResult) => void) | undefined;
}

/** `database check`: the whole deployment in a cluster of its own, which is removed whatever happens. */
export async function check(workspace: Workspace, options: CheckOptions): Promise<TestReport | undefined> {
  const { progress, signal, env } = workspace;
  if (options.hydrate) await requireSources(workspace);
  return withTemporaryCluster({ env, signal, report: progress.note }, async (cluster) => {
    const target = targetAt(cluster.url, env, cluster);
    const isolated = { ...workspace, project: withLogsIn(cluster.logDir, workspace.project) };
    await fill(isolated, target, options);
    if (options.test === undefined) return undefined;
    await withMaintenance(target, (client) => takeSnapshot(client, target.database));
    return testTarget(isolated, target, { parts: [], jobs: undefined, keep: false, onFile: options.test });
  });
}

/** The developer's own log files keep what the last deployment wrote to them. */
function withLogsIn(directory: string, project: Project): Project {
  const moved = (path: string | undefined) => path && join(directory, basename(path));
  return { ...project, hydrateLog: moved(project.hydrateLog), patchLog: moved(project.patchLog) };
}
