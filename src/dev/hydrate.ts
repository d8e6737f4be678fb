import { access, constants, stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import { withDeploymentLock } from './deployment-lock.js';
import { applyHectic, readDotenv, replaceSecrets } from './secrets.js';
import { recordDeployment } from './snapshot.js';
import { runSqlScript } from './sql-script.js';
import { resolveTarget, type Target } from './target.js';
import type { Workspace } from './workspace.js';

export interface HydrateOptions {
  /** Apply the hectic bundle and the secrets first. */
  readonly hook: boolean;
  /** Set the psql variable USE_MOCK=1. */
  readonly mock: boolean;
}

/** `database hydrate`: fills the database that the environment names from the sources. */
export async function hydrateTarget(workspace: Workspace, options: HydrateOptions): Promise<void> {
  await requireSources(workspace);
  const target = await resolveTarget(workspace);
  await withDeploymentLock(workspace, target, () =>
    recordDeployment(target, { hydrated: options }, () => hydrate(workspace, target, options)),
  );
}

/** Looks for the entrypoint, so that nothing is started, replaced or half filled for sources that are not there. */
export async function requireSources({ project }: Workspace): Promise<void> {
  await readableFile(project.entrypoint).catch((error) => {
    throw new UserError(`cannot read the entrypoint of the sources: ${messageOf(error)}`, {
      hint: 'DATABASE_SOURCE names the directory (LOCAL_DIR/db/src), HYDRATE_ENTRYPOINT the file in it (entrypoint.sql)',
      cause: error,
    });
  });
}

async function readableFile(path: string): Promise<void> {
  await access(path, constants.R_OK);
  if ((await stat(path)).isDirectory()) throw new Error(`${path} is a directory`);
}

/** Applies the bundle, the secrets and the entrypoint, in this order. */
export async function hydrate(workspace: Workspace, target: Target, { hook, mock }: HydrateOptions): Promise<void> {
  const { progress, project } = workspace;
  if (hook) await hydrateHook(workspace, target);
  await progress.step('hydrate', async (detail) => {
    const variables = mock ? { USE_MOCK: '1' } : {};
    const script = { connection: target.connection, file: project.entrypoint, variables, log: project.hydrateLog };
    const files = await runSqlScript(workspace, script, detail);
    detail(`${files} files from ${relative(project.root, project.sourceDir) || '.'}`);
  });
}

async function hydrateHook(workspace: Workspace, target: Target): Promise<void> {
  await applyHectic(target, workspace);
  const dotenv = await readDotenv(workspace);
  if (dotenv !== undefined) await replaceSecrets(target, dotenv, workspace);
}
