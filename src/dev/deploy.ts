import { cleanup } from './cleanup.js';
import { withDeploymentLock } from './deployment-lock.js';
import { hydrate, requireSources } from './hydrate.js';
import { init } from './init.js';
import { localStatus } from './local-cluster.js';
import { ensurePatchFile, patch } from './patch.js';
import { type Deployment, recordDeployment } from './snapshot.js';
import { projectTarget, type Target, urlOf } from './target.js';
import type { Workspace } from './workspace.js';

/** Which parts of a deployment are wanted. */
export interface Parts {
  readonly hydrate: boolean;
  readonly patch: boolean;
  /** Set the psql variable USE_MOCK=1 for the sources. */
  readonly mock: boolean;
}

export interface DeployOptions extends Parts {
  /** Keep the cluster that is there. */
  readonly reuse: boolean;
  /** Stop and remove the cluster after success. */
  readonly cleanup: boolean;
}

/** `database deploy`: starts the project's cluster, hydrates and patches. A URL that names a server elsewhere starts none. */
export async function deploy(workspace: Workspace, options: DeployOptions): Promise<Target> {
  if (options.hydrate) await requireSources(workspace);
  const { cluster } = await localStatus(workspace);
  const target = projectTarget(workspace, cluster);
  if (target.cluster !== undefined) {
    return withDeploymentLock(workspace, target, () => deployLocally(workspace, options));
  }
  workspace.progress.note(`deploying to ${urlOf(target)}, which is not in ${workspace.project.workingDir}`);
  if (options.patch) await ensurePatchFile(workspace);
  await fill(workspace, target, options);
  return target;
}

async function deployLocally(workspace: Workspace, options: DeployOptions): Promise<Target> {
  const target = projectTarget(workspace, await init(workspace, options));
  if (options.patch) await ensurePatchFile(workspace);
  await recordDeployment(target, deployment(options), () => fill(workspace, target, options));
  if (options.cleanup) await cleanup(workspace);
  return target;
}

/** Hydrates and patches, as far as wanted. */
export async function fill(
  workspace: Workspace,
  target: Target,
  { hydrate: sources, patch: patches, mock }: Parts,
): Promise<void> {
  if (sources) await hydrate(workspace, target, { hook: true, mock });
  if (patches) await patch(workspace, target);
}

function deployment({ hydrate: sources, patch: patches, mock }: Parts): Deployment {
  return { ...(sources ? { hydrated: { hook: true, mock } } : {}), ...(patches ? { patched: true } : {}) };
}
