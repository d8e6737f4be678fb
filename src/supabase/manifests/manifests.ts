import type { SupabaseProject } from '../project.js';
import { initConfigMap } from './config-map.js';
import { initJob, type JobOptions } from './job.js';
import { type PodScripts, podScripts } from './scripts.js';

export interface ManifestsOptions extends JobOptions {
  /** A directory of SQL files that run after Slipway's own. */
  readonly extra?: string | undefined;
}

/** The objects that initialize a project's database, in the order in which to create them. */
export async function manifestsOf(project: SupabaseProject, { extra, ...options }: ManifestsOptions = {}) {
  return initManifests(project, await podScripts(extra), options);
}

/** The ConfigMap and the Job, from nothing but what is given. */
export function initManifests(project: SupabaseProject, scripts: PodScripts, options: JobOptions = {}) {
  return [initConfigMap(project, scripts), initJob(project, Object.keys(scripts.extra), options)] as const;
}
