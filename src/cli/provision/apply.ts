import type { Command } from 'commander';
import { ExitCode } from '../../errors.js';
import type { ApplyResult } from '../../provision/apply/apply.js';
import type { LockHolder } from '../../provision/lock.js';
import type { PruneResult } from '../../provision/prune.js';
import { ExitStatus } from '../program.js';
import type { Io } from '../run.js';
import {
  type FileFlags,
  fileCommand,
  lockTimeout,
  metricsOption,
  openProvisioning,
  type Provisioning,
  printJson,
} from './command.js';

export interface ApplyFlags extends FileFlags {
  readonly dryRun?: boolean;
  readonly prune?: readonly string[];
  readonly metrics?: string;
  readonly all?: boolean;
}

export function applyCommand(io: Io): Command {
  return fileCommand('apply', 'make it so; safe to run at every deployment, and several times at once')
    .option('--dry-run', 'show the plan and write nothing, in Vault neither')
    .option('--prune <names...>', 'afterwards drop the databases and users of these names, which the file has no more')
    .option('--all', 'look into every database, also where nothing has been written since the last time')
    .addOption(metricsOption())
    .action(async (flags: ApplyFlags) => {
      const provisioning = await openProvisioning(io, flags, {
        generate: flags.dryRun !== true,
        next: ' Running database initialization...',
      });
      await (flags.dryRun === true ? dryRun : apply)(io, provisioning, flags);
    });
}

async function dryRun(
  io: Io,
  { assignment, spec }: Provisioning,
  { prune = [], json, all }: ApplyFlags,
): Promise<void> {
  const { planProvision } = await import('../../provision/look.js');
  const { planPrune } = await import('../../provision/prune.js');
  const plan = await planProvision({ ...assignment, visitAll: all });
  const pruned = prune.length === 0 ? [] : await planPrune(assignment.server, spec, prune);
  if (json === true) printJson(io, { ...plan, prune: pruned });
  else io.stdout.write((await import('./plan-report.js')).describePlan(plan, pruned));
  if (plan.faults.length > 0) throw new ExitStatus(ExitCode.generic);
}

async function apply(io: Io, { assignment, spec }: Provisioning, flags: ApplyFlags): Promise<void> {
  const { applyProvision } = await import('../../provision/apply/apply.js');
  const { planPrune, pruneProvision } = await import('../../provision/prune.js');
  const { server } = assignment;
  const { prune = [] } = flags;
  const lock = { onWait: (holder: LockHolder) => tellWait(io, holder), timeoutMs: lockTimeout(flags) };
  // a name that must not be pruned stops the run before anything is done
  if (prune.length > 0) await planPrune(server, spec, prune);
  const started = Date.now();
  const result = await applyProvision(
    { ...assignment, visitAll: flags.all },
    { onWait: lock.onWait, lockTimeoutMs: lock.timeoutMs },
  );
  const pruned: readonly PruneResult[] = prune.length === 0 ? [] : await pruneProvision(server, spec, prune, lock);
  if (flags.json === true) printJson(io, { ...result, pruned });
  else io.stdout.write((await import('./apply-report.js')).describeApply(result, pruned));
  if (flags.metrics !== undefined) await writeRunMetrics(flags.metrics, started, result);
  const hasFailed = result.services.some(({ outcome }) => outcome === 'failed');
  if (hasFailed || pruned.some(({ failure }) => failure !== undefined)) throw new ExitStatus(ExitCode.generic);
}

async function tellWait(io: Io, holder: LockHolder): Promise<void> {
  const { describeHolder } = await import('../../provision/lock.js');
  io.stderr.write(`waiting for another provisioning to end: ${describeHolder(holder)}\n`);
}

async function writeRunMetrics(path: string, started: number, { plan, services: results }: ApplyResult): Promise<void> {
  const { writeMetrics } = await import('../../provision/metrics.js');
  const { stepsOf } = await import('../../provision/plan/plan.js');
  const seconds = (Date.now() - started) / 1000;
  await writeMetrics(path, { time: Math.floor(started / 1000), seconds, drift: stepsOf(plan).length, results });
}
