import type { Command } from 'commander';
import type { Io } from '../run.js';
import { dryRunOption, openWorkspace, printPlan, projectCommand } from './command.js';

interface PatchFlags {
  readonly url?: string;
  readonly edit?: boolean;
  readonly dryRun?: boolean;
}

export function patchCommand(io: Io): Command {
  return projectCommand('patch', 'apply the patch file, test-data.sql')
    .option('-e, --edit', 'open the patch file in $EDITOR instead')
    .addOption(dryRunOption())
    .action(async (_options, command: Command) => {
      const { url, edit, dryRun } = command.optsWithGlobals<PatchFlags>();
      const workspace = await openWorkspace(io, url);
      if (dryRun) return printPlan(io, workspace, { patch: true });
      const { editPatch, patchTarget } = await import('../../dev/patch.js');
      await (edit === true ? editPatch(workspace) : patchTarget(workspace));
    });
}
