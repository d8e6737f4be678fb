import type { Command } from 'commander';
import { ExitCode } from '../../errors.js';
import type { Check, Verification } from '../../provision/verify/verify.js';
import { ExitStatus } from '../program.js';
import type { Io } from '../run.js';
import { type FileFlags, fileCommand, metricsOption, openProvisioning, printJson } from './command.js';
import { indented } from './text.js';

export function verifyCommand(io: Io): Command {
  return fileCommand('verify', 'prove it: log in as each service, make and drop a table, be refused where it should be')
    .addOption(metricsOption())
    .action(async (flags: FileFlags & { readonly metrics?: string }) => {
      const { assignment } = await openProvisioning(io, flags, { generate: false });
      const { verifyProvision } = await import('../../provision/verify/verify.js');
      const started = Date.now();
      const verifications = await verifyProvision(assignment);
      if (flags.json === true) printJson(io, verifications);
      else io.stdout.write(describeVerifications(verifications));
      if (flags.metrics !== undefined) await writeVerification(flags.metrics, started, verifications);
      if (verifications.some(({ ok }) => !ok)) throw new ExitStatus(ExitCode.generic);
    });
}

async function writeVerification(path: string, started: number, verifications: readonly Verification[]): Promise<void> {
  const { writeMetrics } = await import('../../provision/metrics.js');
  const seconds = (Date.now() - started) / 1000;
  await writeMetrics(path, { time: Math.floor(started / 1000), seconds, drift: 0, verifications });
}

function describeVerifications(verifications: readonly Verification[]): string {
  const failed = verifications.filter(({ ok }) => !ok).length;
  return [
    ...verifications.map(
      ({ service, ok, checks }) => `${ok ? 'ok    ' : 'failed'}  ${service}\n${checks.map(describeCheck).join('')}`,
    ),
    failed === 0
      ? `All ${verifications.length} services can do their work.\n`
      : `${failed} of ${verifications.length} services failed.\n`,
  ].join('');
}

function describeCheck({ ok, what, note, reason, hint }: Check): string {
  const remark = note === undefined ? '' : ` (${note})`;
  if (ok) return `        ${what}${remark}\n`;
  return `      ! ${what}: ${reason ?? 'no reason is known'}\n${hint === undefined ? '' : indented(`hint: ${hint}`, 8)}`;
}
