import { type Command, InvalidArgumentError } from 'commander';
import type { Io } from '../run.js';
import { openWorkspace, projectCommand } from './command.js';

interface TestFlags {
  readonly url?: string;
  readonly jobs?: number;
  readonly keep?: boolean;
  readonly tap?: boolean;
  readonly junit?: string;
}

export function testCommand(io: Io): Command {
  return projectCommand(
    'test',
    'run test/test.sql and test/**/*.test.sql, each in its own clone of the deployed database',
  )
    .argument('[parts...]', 'only files whose path contains one of these')
    .option('-j, --jobs <count>', 'files that run at the same time (default: processors)', readJobs)
    .option('-k, --keep', 'keep the clone of each file that fails, and print its URL')
    .option('--tap', 'print TAP instead of a line a file')
    .option('--junit <file>', 'write a JUnit report as well')
    .action(async (parts: string[], _options, command: Command) => {
      const flags = command.optsWithGlobals<TestFlags>();
      const { test } = await import('../../dev/test.js');
      const { prepareJunit, printFile, printReport } = await import('../test-report.js');
      if (flags.junit !== undefined) await prepareJunit(flags.junit);
      const report = await test(await openWorkspace(io, flags.url), {
        parts,
        jobs: flags.jobs,
        keep: flags.keep ?? false,
        onFile: flags.tap === true ? () => {} : (file) => printFile(io, file),
      });
      await printReport(io, report, { tap: flags.tap ?? false, junit: flags.junit });
    });
}

function readJobs(text: string): number {
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return jobs;
}
