import type { Command } from 'commander';
import type { Io } from '../run.js';
import { type DatabaseFlags, databaseCommand, openDatabase, ownAndExtraScripts } from './command.js';

/** `slipway supabase status`. */
export function statusCommand(io: Io): Command {
  return databaseCommand('status', 'show what the record of the database says of each file')
    .option('--json', 'print it as JSON')
    .action(async (url: string | undefined, { json, ...flags }: DatabaseFlags & { json?: boolean }) => {
      await printStatus(io, url, flags, json);
    });
}

/** Prints the report of `status`, which `verify` also judges. */
export async function printStatus(io: Io, url: string | undefined, flags: DatabaseFlags, json = false) {
  const { config, settings } = await openDatabase(io, url, flags);
  const { supabaseStatus } = await import('../../supabase/status.js');
  const { describeServer, describeStatus } = await import('./report.js');
  const scripts = await ownAndExtraScripts(flags.extra);
  const report = await supabaseStatus({ config, settings, scripts, signal: io.signal });
  const lines = () => `${describeServer(report.server)}${report.files.map(describeStatus).join('')}`;
  io.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : lines());
  return report;
}
