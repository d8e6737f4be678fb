import type { Command } from 'commander';
import { ExitStatus } from '../program.js';
import type { Io } from '../run.js';
import { type DatabaseFlags, databaseCommand, openDatabase, ownAndExtraScripts } from './command.js';

interface InitFlags extends DatabaseFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `slipway supabase init`. */
export function initCommand(io: Io): Command {
  return databaseCommand('init', 'run the seven files that the record of the database lacks, and record them')
    .option('-n, --dry-run', 'print what would be run, and change nothing')
    .option('--json', 'print the outcome as JSON')
    .action(async (url: string | undefined, flags: InitFlags) => {
      const { config, settings } = await openDatabase(io, url, flags);
      const { initSupabase } = await import('../../supabase/init.js');
      const { slipwayVersion } = await import('../../supabase/version.js');
      const { describeFile, describeServer } = await import('./report.js');
      const { dryRun, json = false } = flags;
      const print = (text: string) => void (json || io.stdout.write(text));
      const report = await initSupabase({
        config,
        settings,
        scripts: await ownAndExtraScripts(flags.extra),
        version: slipwayVersion(),
        env: io.env,
        signal: io.signal,
        dryRun,
        onWait: (holder) => io.stderr.write(`waiting for ${holder}, which initialises this database\n`),
        onStart: (server, warnings) => print(describeServer(server, warnings)),
        onFile: (file) => print(describeFile(file)),
      });
      if (json) io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      if (report.hasFailed) throw new ExitStatus(1);
    });
}
