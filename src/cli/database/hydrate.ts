import type { Command } from 'commander';
import type { Io } from '../run.js';
import { dryRunOption, openWorkspace, printPlan, projectCommand } from './command.js';

interface HydrateFlags {
  readonly url?: string;
  readonly hook: boolean;
  readonly mock?: boolean;
  readonly dryRun?: boolean;
}

export function hydrateCommand(io: Io): Command {
  return projectCommand('hydrate', 'apply the hectic bundle, the secrets, and the SQL sources')
    .option('-H, --no-hook', 'leave out the hectic bundle and the secrets')
    .option('-m, --mock', 'set the psql variable USE_MOCK=1')
    .addOption(dryRunOption())
    .action(async (_options, command: Command) => {
      const { url, hook, mock = false, dryRun } = command.optsWithGlobals<HydrateFlags>();
      const workspace = await openWorkspace(io, url);
      if (dryRun) return printPlan(io, workspace, { hydrate: { hook, mock } });
      const { hydrateTarget } = await import('../../dev/hydrate.js');
      await hydrateTarget(workspace, { hook, mock });
    });
}
