import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import type { ServiceResult } from './apply/ledger.js';
import type { Verification } from './verify/verify.js';

/** What is published of one run. */
export interface RunMetrics {
  /** Seconds since 1970. */
  readonly time: number;
  readonly seconds: number;
  /** Steps that the plan had before anything was done. */
  readonly drift: number;
  readonly results?: readonly ServiceResult[] | undefined;
  readonly verifications?: readonly Verification[] | undefined;
}

/**
 * Writes metrics for the textfile collector of Prometheus' node_exporter, in its text format 0.0.4. Written beside and renamed: the
 * collector never reads half a file. @param path ends in `.prom`, or the collector passes it over
 */
export async function writeMetrics(path: string, metrics: RunMetrics): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, formatMetrics(metrics), { mode: 0o644 });
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

export function formatMetrics({ time, seconds, drift, results, verifications }: RunMetrics): string {
  const applied = (results ?? []).map(({ service, outcome }) => sample({ service }, outcome === 'failed' ? 0 : 1));
  const verified = (verifications ?? []).map(({ service, ok }) => sample({ service }, ok ? 1 : 0));
  return [
    gauge('last_run_timestamp_seconds', 'When provisioning last ran.', [sample({}, time)]),
    gauge('last_run_duration_seconds', 'How long it took.', [sample({}, seconds)]),
    gauge('drift_steps', 'How many steps the server was away from the specification.', [sample({}, drift)]),
    gauge('service_up_to_date', 'Whether the service is as specified (1) or failed (0).', applied),
    gauge('service_verified', 'Whether the service could log in and work (1) or not (0).', verified),
  ].join('');
}

function gauge(name: string, help: string, samples: readonly string[]): string {
  if (samples.length === 0) return '';
  const full = `slipway_provision_${name}`;
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${samples.map((one) => `${full}${one}\n`).join('')}`;
}

function sample(labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([name, text]) => `${name}="${escapeLabel(text)}"`);
  return `${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
