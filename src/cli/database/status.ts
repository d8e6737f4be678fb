import type { Command } from 'commander';
import type { Io } from '../run.js';
import { openWorkspace, projectCommand } from './command.js';

export function statusCommand(io: Io): Command {
  return projectCommand('status', 'show the cluster, its URL, the bundle, and what is running')
    .option('--json', 'print it as JSON')
    .action(async (_options, command: Command) => {
      const { url, json } = command.optsWithGlobals<{ url?: string; json?: boolean }>();
      const { status } = await import('../../dev/status.js');
      const { describeStatus } = await import('../status-report.js');
      const report = await status(await openWorkspace(io, url));
      io.stdout.write(json === true ? `${JSON.stringify(report, null, 2)}\n` : describeStatus(report));
    });
}
