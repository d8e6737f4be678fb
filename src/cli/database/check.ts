import type { Command } from 'commander';
import type { Io } from '../run.js';
import { openWorkspace, projectCommand } from './command.js';

interface CheckFlags {
  readonly patch: boolean;
  readonly hydrate: boolean;
  readonly mock?: boolean;
  readonly test?: boolean;
}

export function checkCommand(io: Io): Command {
  return projectCommand('check', 'try the whole deployment in a temporary cluster that is always removed')
    .option('-P, --no-patch', 'leave out the patch file')
    .option('-H, --no-hydrate', 'leave out the sources')
    .option('-m, --mock', 'set the psql variable USE_MOCK=1 for the sources')
    .option('-t, --test', 'run the tests as well')
    .action(async (flags: CheckFlags) => {
      const { check } = await import('../../dev/check.js');
      const { printFile, printReport } = await import('../test-report.js');
      const report = await check(await openWorkspace(io, undefined), {
        patch: flags.patch,
        hydrate: flags.hydrate,
        mock: flags.mock ?? false,
        test: flags.test === true ? (file) => printFile(io, file) : undefined,
      });
      if (report !== undefined) await printReport(io, report);
    });
}
