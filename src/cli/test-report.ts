import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { green, red } from 'yoctocolors';
import { type FileResult, renderJunit, renderTap, type TestReport } from '../dev/test-report.js';
import { ExitCode, messageOf, UserError } from '../errors.js';
import { ExitStatus } from './program.js';
import type { Io } from './run.js';
import { duration, isTerminal } from './terminal.js';

/** A line for a file that passed; for one that failed also the reasons, what it printed, and where its database is. */
export function printFile({ stdout }: Io, result: FileResult): void {
  const [good, bad] = isTerminal(stdout) ? [green('✓'), red('✗')] : ['ok', 'not ok'];
  const assertions = result.assertions === undefined ? '' : `${result.assertions} assertions, `;
  const lines = [`${result.passed ? good : bad} ${result.file} (${assertions}${duration(result.duration)})`];
  if (!result.passed) {
    lines.push(...result.failures.flatMap((failure) => failure.split('\n')).map((line) => `    ${line}`));
    if (result.output !== '')
      lines.push(
        '  it printed:',
        ...result.output
          .trimEnd()
          .split('\n')
          .map((line) => `    ${line}`),
      );
    if (result.keptUrl !== undefined) lines.push(`  its database is kept: ${result.keptUrl}`);
  }
  stdout.write(`${lines.join('\n')}\n`);
}

/** Makes sure, before any test runs, that a report can be written. */
export async function prepareJunit(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await (await open(path, 'a')).close();
  } catch (error) {
    throw new UserError(`cannot write the JUnit report ${path}: ${messageOf(error)}`, {
      cause: error,
      hint: '--junit names a file; its directory is made where it is missing',
    });
  }
}

/** The closing line, or the whole as TAP; the JUnit file; status 1 when a file failed. */
export async function printReport(
  { stdout }: Io,
  report: TestReport,
  { tap = false, junit }: { tap?: boolean; junit?: string | undefined } = {},
): Promise<void> {
  const failed = report.files.filter((file) => !file.passed).length;
  stdout.write(tap ? renderTap(report) : `${report.files.length - failed} passed, ${failed} failed\n`);
  if (junit !== undefined) await writeFile(junit, renderJunit(report));
  if (!report.passed) throw new ExitStatus(ExitCode.generic);
}
