import { spawn } from 'node:child_process';
import { access, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { codeOf, ExitCode, UserError } from '../errors.js';
import { withDeploymentLock } from './deployment-lock.js';
import { recordDeployment } from './snapshot.js';
import { runSqlScript } from './sql-script.js';
import { resolveTarget, type Target } from './target.js';
import type { Workspace } from './workspace.js';

/** `database patch`: applies the patch file to the database that the environment names, creating it empty if there is none. */
export async function patchTarget(workspace: Workspace): Promise<void> {
  const target = await resolveTarget(workspace);
  await ensurePatchFile(workspace);
  await withDeploymentLock(workspace, target, () =>
    recordDeployment(target, { patched: true }, () => patch(workspace, target)),
  );
}

/** Applies the patch file; without one there is nothing to do. */
export async function patch(workspace: Workspace, { connection }: Target): Promise<void> {
  const { patchFile, patchLog } = workspace.project;
  await workspace.progress.step('patch', async (detail) => {
    if (!(await exists(patchFile))) return detail(`no ${basename(patchFile)}`);
    await runSqlScript(workspace, { connection, file: patchFile, log: patchLog }, detail);
  });
}

/** `database patch --edit`: opens the patch file in EDITOR (else VISUAL, else vi) and waits for the editor to end. */
export async function editPatch(workspace: Workspace): Promise<void> {
  await ensurePatchFile(workspace);
  const editor = workspace.env.EDITOR || workspace.env.VISUAL || 'vi';
  const status = await runEditor(editor, workspace.project.patchFile, workspace.env);
  if (status === ExitCode.missingDependency) {
    throw new UserError(`the editor '${editor}' was not found`, {
      exitCode: ExitCode.missingDependency,
      hint: 'set EDITOR to a program you have',
    });
  }
  if (status !== 0) throw new UserError(`the editor '${editor}' ended with status ${status}`);
}

/** Creates the patch file empty; one that is there stays as it is. */
export async function ensurePatchFile({ project }: Workspace): Promise<void> {
  const file = await open(project.patchFile, 'a').catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`cannot write the patch file ${project.patchFile}: ${error.message}`, {
      cause: error,
      hint: 'it stands in PROFILE_DIR, which is LOCAL_DIR unless set',
    });
  });
  await file.close();
}

/** EDITOR may hold arguments (`code --wait`), so a shell reads it; the file's name is an argument of its own. */
function runEditor(editor: string, file: string, env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit', env });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status) => resolve(status ?? ExitCode.generic));
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error) => {
      if (codeOf(error) === 'ENOENT') return false;
      throw new UserError(`cannot read ${path}: ${error.message}`, { cause: error });
    },
  );
}
