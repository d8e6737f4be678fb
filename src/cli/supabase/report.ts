import type { FileReport, ServerReport } from '../../supabase/init.js';
import type { FileStatus } from '../../supabase/status.js';
import { duration } from '../terminal.js';

const platforms = { image: 'the image supabase/postgres', plain: 'a plain server' } as const;

export function describeServer(
  { version, database, user, platform }: ServerReport,
  warnings: readonly string[] = [],
): string {
  const lines = [`database ${database}, as ${user}: PostgreSQL ${version}, ${platforms[platform]}`];
  return text([...lines, ...warnings.map((warning) => `warning: ${warning}`)]);
}

/** `01-roles.sql: applied (differs: role anon has the given password; 85 ms)`, and what there is to say below it. */
export function describeFile({ file, status, reason, missing, durationMs, ...rest }: FileReport): string {
  const why = missing === undefined || missing.length === 0 ? reason : `${reason}: not there: ${missing.join('; ')}`;
  const when = rest.appliedAt === undefined ? undefined : `recorded ${rest.appliedAt.toISOString().slice(0, 19)}Z`;
  const took = durationMs === undefined ? undefined : duration(durationMs);
  const details = [why, when, took].filter((detail) => detail !== undefined);
  const words = status === 'due' ? 'would be applied' : status;
  return text([
    `${file}: ${words}${details.length === 0 ? '' : ` (${details.join(', ')})`}`,
    ...rest.warnings.map((warning) => `  warning: ${warning}`),
    ...rest.errors.map(
      (error) => `  ${status === 'failed' ? 'error' : 'tolerated'}: ${error.replaceAll('\n', '\n  ')}`,
    ),
  ]);
}

const records = {
  current: 'applied',
  changed: 'another text was applied',
  absent: 'not applied',
  unknown: 'applied, not one of the files at hand',
} as const;

/** A line for a file, one more for each thing that is not there. */
export function describeStatus({ file, record, version, appliedAt, missing }: FileStatus): string {
  const when = appliedAt === undefined ? '' : ` ${appliedAt.toISOString().slice(0, 19)}Z by version ${version}`;
  return text([`${file}: ${records[record]}${when}`, ...missing.map((fact) => `  not there: ${fact}`)]);
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
