import { existsSync } from 'node:fs';
import { bundleVersion } from '../hectic/bundle.js';
import { localStatus } from './local-cluster.js';
import { readDotenv } from './secrets.js';
import { projectTarget, urlOf } from './target.js';
import type { Workspace } from './workspace.js';

/** What somebody asks for, in the order in which it is done. */
export interface Request {
  readonly start?: { readonly reuse: boolean } | undefined;
  readonly hydrate?: { readonly hook: boolean; readonly mock: boolean } | undefined;
  readonly patch?: boolean;
  readonly cleanup?: boolean;
}

/** What the plan is made from. */
export interface Facts {
  readonly workingDir: string;
  /** Whether a cluster's files are in the working directory. */
  readonly hasCluster: boolean;
  /** The target's URL when it is not in the project's own cluster. */
  readonly elsewhere: string | undefined;
  readonly entrypoint: string;
  /** Where secrets come from; undefined when there are none. */
  readonly secrets: string | undefined;
  readonly patchFile: string;
  readonly hasPatchFile: boolean;
}

/** What a command would do, a line a step; nothing is started, connected to or written for it. */
export async function plan(workspace: Workspace, request: Request): Promise<readonly string[]> {
  return planSteps(await observe(workspace), request);
}

async function observe(workspace: Workspace): Promise<Facts> {
  const { project } = workspace;
  const { major, cluster } = await localStatus(workspace);
  const target = projectTarget(workspace, cluster);
  return {
    workingDir: project.workingDir,
    hasCluster: major !== undefined,
    elsewhere: target.cluster === undefined ? urlOf(target) : undefined,
    entrypoint: project.entrypoint,
    secrets: (await readDotenv(workspace))?.origin,
    patchFile: project.patchFile,
    hasPatchFile: existsSync(project.patchFile),
  };
}

/** The plan itself, from facts alone. */
export function planSteps(facts: Facts, { start, hydrate, patch, cleanup }: Request): readonly string[] {
  const steps: string[] = [];
  if (facts.elsewhere !== undefined) steps.push(`work on ${facts.elsewhere}, which is not in ${facts.workingDir}`);
  else if (start !== undefined) steps.push(startStep(facts, start.reuse));
  if (hydrate?.hook) {
    steps.push(`apply the hectic bundle ${bundleVersion}`);
    if (facts.secrets !== undefined) steps.push(`replace the secrets by those of ${facts.secrets}`);
  }
  if (hydrate !== undefined) steps.push(`run ${facts.entrypoint}${hydrate.mock ? ' with USE_MOCK=1' : ''}`);
  if (patch) steps.push(facts.hasPatchFile ? `run ${facts.patchFile}` : `create ${facts.patchFile}, empty`);
  if (cleanup && facts.elsewhere === undefined) steps.push(`stop the cluster and remove ${facts.workingDir}`);
  return steps;
}

function startStep({ workingDir, hasCluster }: Facts, reuse: boolean): string {
  if (!hasCluster) return `make a cluster in ${workingDir}`;
  return reuse
    ? `start the cluster in ${workingDir} with its data`
    : `replace the cluster in ${workingDir} by a fresh one`;
}
