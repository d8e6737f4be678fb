import { Command } from 'commander';
import type { SyncReport } from '../../supabase/upstream/sync.js';
import type { Io } from '../run.js';

interface SyncFlags {
  readonly to: string;
  readonly mirror?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Where upstream's files are kept, unless said otherwise. */
export const upstreamDirectory = 'supabase/upstream';

/** `slipway supabase sync`. */
export function syncCommand(io: Io): Command {
  return new Command('sync')
    .description(
      "bring in Supabase's own files, pinned by a lock file, and show how they differ from those that are there",
    )
    .argument(
      '[source]',
      'a directory, a tar archive, or a version (tag, branch or commit), which is downloaded',
      'master',
    )
    .option('--to <directory>', 'where the files are kept', upstreamDirectory)
    .option('--mirror <address>', 'where versions come from, instead of raw.githubusercontent.com/supabase/supabase')
    .option('-n, --dry-run', 'show the difference, and write nothing')
    .option('--json', 'print it as JSON')
    .action(async (source: string, { to, mirror, dryRun, json }: SyncFlags) => {
      const { syncUpstream } = await import('../../supabase/upstream/sync.js');
      const report = await syncUpstream({ source, directory: to, mirror, dryRun, signal: io.signal });
      io.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : describe(report));
    });
}

function describe({ origin, files }: SyncReport): string {
  const lines = files.map(
    ({ file, change, sha256 }) => `${file}: ${change}${sha256 === undefined ? '' : ` (sha256 ${sha256})`}\n`,
  );
  return `${files.map(({ diff }) => diff).join('')}${origin}\n${lines.join('')}`;
}
