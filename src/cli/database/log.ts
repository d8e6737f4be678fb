import type { Command } from 'commander';
import type { Io } from '../run.js';
import { openWorkspace, projectCommand } from './command.js';

export function logCommand(io: Io): Command {
  return projectCommand('log', "show a log of the local server, the newest by default; 'list' lists them")
    .argument('[which]', "'list', an index, a name, or a part of a name")
    .action(async (which: string | undefined) => {
      const { chooseLog, listLogs } = await import('../../dev/log.js');
      const logs = await listLogs(await openWorkspace(io, undefined));
      if (which === 'list') {
        for (const { index, name } of logs) io.stdout.write(`${index}\t${name}\n`);
        return;
      }
      const { showFile } = await import('../pager.js');
      await showFile(io, chooseLog(logs, which).path);
    });
}
