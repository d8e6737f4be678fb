import type { Command } from 'commander';
import type { Io } from '../run.js';
import { dryRunOption, openWorkspace, printPlan, projectCommand } from './command.js';

export function cleanupCommand(io: Io): Command {
  return projectCommand('cleanup', 'stop the local cluster and remove PG_WORKING_DIR')
    .addOption(dryRunOption())
    .action(async ({ dryRun }: { dryRun?: boolean }) => {
      const workspace = await openWorkspace(io, undefined);
      if (dryRun) return printPlan(io, workspace, { cleanup: true });
      const { cleanup } = await import('../../dev/cleanup.js');
      await cleanup(workspace);
    });
}
