import type { Command } from 'commander';
import type { Io } from '../run.js';
import { dryRunOption, openWorkspace, printPlan, projectCommand } from './command.js';

interface DeployFlags {
  readonly url?: string;
  readonly patch: boolean;
  readonly hydrate: boolean;
  readonly mock?: boolean;
  readonly reuse?: boolean;
  readonly cleanup?: boolean;
  readonly dryRun?: boolean;
}

export function deployCommand(io: Io): Command {
  return projectCommand('deploy', 'start the cluster, then hydrate and patch the database')
    .option('-P, --no-patch', 'leave out the patch file')
    .option('-H, --no-hydrate', 'leave out the sources')
    .option('-m, --mock', 'set the psql variable USE_MOCK=1 for the sources')
    .option('--reuse', 'keep the cluster and its data as they are; implies --no-patch and --no-hydrate')
    .option('-c, --cleanup', 'stop and remove the cluster after success')
    .addOption(dryRunOption())
    .action(async (_options, command: Command) => {
      const {
        url,
        reuse = false,
        mock = false,
        cleanup = false,
        dryRun,
        ...flags
      } = command.optsWithGlobals<DeployFlags>();
      const [hydrate, patch] = [flags.hydrate && !reuse, flags.patch && !reuse];
      const workspace = await openWorkspace(io, url);
      if (dryRun) {
        return printPlan(io, workspace, {
          start: { reuse },
          hydrate: hydrate ? { hook: true, mock } : undefined,
          patch,
          cleanup,
        });
      }
      const { deploy } = await import('../../dev/deploy.js');
      const { urlOf } = await import('../../dev/target.js');
      const target = await deploy(workspace, { hydrate, patch, mock, reuse, cleanup });
      if (!cleanup) io.stdout.write(`${urlOf(target)}\n`);
    });
}
