import { type Command, Option } from 'commander';
import type { Script } from '../../supabase/files.js';
import type { Order } from '../../supabase/upstream/names.js';
import { ExitStatus } from '../program.js';
import type { Io } from '../run.js';
import { type DatabaseFlags, databaseCommand, openDatabase, ownAndExtraScripts } from './command.js';
import { upstreamDirectory } from './sync.js';

interface InitFlags extends DatabaseFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly upstream?: boolean;
  readonly upstreamDirectory: string;
  readonly order: Order;
}

/** `slipway supabase init`. */
export function initCommand(io: Io): Command {
  return databaseCommand('init', 'run the seven files that the record of the database lacks, and record them')
    .option('--upstream', "run Supabase's own files instead, which sync brought in, and go on after their errors")
    .option('--upstream-directory <directory>', 'where those are', upstreamDirectory)
    .addOption(new Option('--order <order>', 'order of those files').choices(['compose', 'seed']).default('compose'))
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
        scripts: await scriptsOf(flags),
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

/** The seven files and the user's, or upstream's and the user's. */
async function scriptsOf({ upstream, upstreamDirectory, order, extra }: InitFlags): Promise<readonly Script[]> {
  const own = await ownAndExtraScripts(extra);
  if (!upstream) return own;
  const { upstreamScripts } = await import('../../supabase/upstream/lock-file.js');
  return [...(await upstreamScripts(upstreamDirectory, order)), ...own.filter(({ effect }) => effect === undefined)];
}
