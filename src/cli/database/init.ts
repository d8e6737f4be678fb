import type { Command } from 'commander';
import type { Io } from '../run.js';
import { dryRunOption, openWorkspace, printPlan, projectCommand } from './command.js';

interface InitFlags {
  readonly url?: string;
  readonly reuse?: boolean;
  readonly dryRun?: boolean;
}

export function initCommand(io: Io): Command {
  return projectCommand('init', 'start the local cluster in PG_WORKING_DIR, afresh unless told otherwise')
    .option('--reuse', 'keep a cluster that is already there (PG_REUSE)')
    .addOption(dryRunOption())
    .action(async (_options, command: Command) => {
      const { reuse = false, url, dryRun } = command.optsWithGlobals<InitFlags>();
      const workspace = await openWorkspace(io, url);
      if (dryRun) return printPlan(io, workspace, { start: { reuse } });
      const { init } = await import('../../dev/init.js');
      const cluster = await init(workspace, { reuse });
      io.stdout.write(`${cluster.url}\n`);
    });
}
