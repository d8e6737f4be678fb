import type { ConnectionConfig } from '../postgres/config.js';
import { applyScript } from './apply.js';
import type { Script } from './files.js';
import { ensureLedger, recordScript } from './ledger.js';
import { withInitLock } from './lock.js';
import { type Observation, observe } from './observe.js';
import { planSteps, type Step } from './plan.js';
import { type Preflight, preflight, refuseFaults } from './preflight.js';
import type { Settings } from './settings.js';

export interface InitOptions {
  readonly config: ConnectionConfig;
  readonly settings: Settings;
  readonly scripts: readonly Script[];
  /** Version of the package, for the record. */
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly dryRun?: boolean | undefined;
  readonly onWait?: ((holder: string) => void) | undefined;
  /** Told once it is known what there is to work on, before anything is done to it. */
  readonly onStart?: ((server: ServerReport, warnings: readonly string[]) => void) | undefined;
  /** Told after each file. */
  readonly onFile?: ((report: FileReport) => void) | undefined;
}

/** What became of one file. */
export interface FileReport {
  readonly file: string;
  readonly sha256: string;
  /** `due`: would be applied (--dry-run), or was not come to after a failure. */
  readonly status: 'applied' | 'skipped' | 'failed' | 'due';
  readonly reason?: 'new' | 'changed' | 'differs';
  /** With the reason `differs`: what was not there. */
  readonly missing?: readonly string[];
  /** When a skipped file was applied. */
  readonly appliedAt?: Date;
  readonly durationMs?: number;
  readonly warnings: readonly string[];
  readonly errors: readonly string[];
}

export interface InitReport {
  readonly server: ServerReport;
  readonly warnings: readonly string[];
  readonly files: readonly FileReport[];
  readonly hasFailed: boolean;
}

export type ServerReport = Pick<Observation, 'version' | 'database' | 'user' | 'platform'>;

/**
 * Runs the scripts that the record lacks, in their order, and stops at the first that fails; that is in the report, not thrown.
 * Throws a UserError for a database that cannot be initialised, before anything is done to it.
 */
export async function initSupabase(options: InitOptions): Promise<InitReport> {
  const { config, settings, onWait, signal, dryRun = false } = options;
  if (dryRun) {
    const { steps, ...rest } = await look(options, signal);
    const files = steps.map(untouched);
    for (const file of files) options.onFile?.(file);
    return reportOf(rest, files);
  }
  return withInitLock(config, { onWait, signal }, async (lockSignal) => {
    const { steps, ...rest } = await look(options, lockSignal);
    if (steps.some(({ action }) => action === 'apply')) await ensureLedger(config);
    return reportOf(rest, await applySteps(steps, { ...options, settings, signal: lockSignal }));
  });
}

interface Look {
  readonly observation: Observation;
  readonly checked: Preflight;
  readonly steps: readonly Step[];
}

async function look({ config, settings, scripts, onStart }: InitOptions, signal: AbortSignal): Promise<Look> {
  const observation = await observe(config, settings, signal);
  const steps = planSteps(scripts, { observation, settings });
  const checked = preflight(observation, steps, settings);
  refuseFaults(checked, observation);
  onStart?.(serverOf(observation), checked.warnings);
  return { observation, checked, steps };
}

async function applySteps(steps: readonly Step[], options: InitOptions): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  for (const step of steps) {
    const hasFailed = reports.some(({ status }) => status === 'failed');
    const report = hasFailed ? untouched(step) : await runStep(step, options);
    reports.push(report);
    options.onFile?.(report);
  }
  return reports;
}

async function runStep(step: Step, options: InitOptions): Promise<FileReport> {
  if (step.action === 'skip') return untouched(step);
  const { hasFailed, ...outcome } = await applyScript(step.script, options);
  // What a tolerant script could not do is tried again by the next run.
  if (!hasFailed && !(step.script.isTolerant && outcome.errors.length > 0)) {
    await recordScript(options.config, step.script, { version: options.version, durationMs: outcome.durationMs });
  }
  return { ...untouched(step), ...outcome, status: hasFailed ? 'failed' : 'applied' };
}

function untouched(step: Step): FileReport {
  const { name: file, sha256 } = step.script;
  if (step.action === 'skip') {
    return { file, sha256, status: 'skipped', appliedAt: step.recorded.appliedAt, warnings: [], errors: [] };
  }
  const { reason, missing } = step;
  return { file, sha256, status: 'due', reason, ...(reason === 'differs' && { missing }), warnings: [], errors: [] };
}

function reportOf({ observation, checked }: Omit<Look, 'steps'>, files: readonly FileReport[]): InitReport {
  const hasFailed = files.some(({ status }) => status === 'failed');
  return { server: serverOf(observation), warnings: checked.warnings, files, hasFailed };
}

export function serverOf({ version, database, user, platform }: Observation): ServerReport {
  return { version, database, user, platform };
}
