import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { UserError } from '../../errors.js';
import type { SupabaseProject } from '../project.js';
import { initMetadata } from './metadata.js';
import type { PodScripts, Texts } from './scripts.js';

/** What the API server takes: all values of a ConfigMap together (MaxSecretSize of its validation). */
const maxBytes = 1024 * 1024;

/**
 * The ConfigMap `<name>-db-init`, whose files the Job runs.
 * Throws a UserError for names that cannot be keys and for texts that are too large together.
 */
export function initConfigMap(project: SupabaseProject, { own, extra }: PodScripts) {
  for (const name of Object.keys(extra)) {
    refuseName(name);
    if (own[name] !== undefined)
      throw new UserError(`${name} is the name of one of Slipway's own files`, { hint: 'Rename it.' });
  }
  const data: Record<string, string> = { ...own, ...extra };
  refuseSize(data);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: initMetadata(project),
    data,
  } satisfies IConfigMap;
}

function refuseName(name: string): void {
  if (/^[-._a-zA-Z0-9]{1,253}$/.test(name)) return;
  throw new UserError(`a ConfigMap cannot hold a file called ${JSON.stringify(name)}`, {
    hint: "Letters, digits, '-', '_' and '.' are allowed, at most 253 of them.",
  });
}

function refuseSize(data: Texts): void {
  const sizes = Object.entries(data).map(([key, text]) => ({ key, bytes: Buffer.byteLength(text) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= maxBytes) return;
  const largest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  throw new UserError(
    `the scripts have ${total} bytes, a ConfigMap holds ${maxBytes}; the largest is ${largest.key} with ${largest.bytes}`,
    { hint: 'Run large scripts by themselves: slipway supabase init --extra, or slipway sql -f FILE.' },
  );
}
