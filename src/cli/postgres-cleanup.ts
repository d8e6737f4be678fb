import { parseArgs } from 'node:util';
import { readClusterSettings } from '../cluster/settings.js';
import { stopCluster } from '../cluster/stop.js';
import { codeOf, ExitCode, messageOf, UserError } from '../errors.js';
import type { Io } from './run.js';

const help = `Usage: postgres-cleanup [options]

Stops the PostgreSQL cluster in PG_WORKING_DIR (or LOCAL_DIR's focus/postgresql). Its data stays. Succeeds as well when nothing
runs, or there is no cluster: trap postgres-cleanup EXIT.

Options:
  -h, --help  show this help
`;

/** The `postgres-cleanup` executable. */
export async function postgresCleanup({ argv, env, stdout, stderr, signal }: Io): Promise<number> {
  if (wantsHelp(argv)) {
    stdout.write(help);
    return 0;
  }
  if (!env.PG_WORKING_DIR && !env.LOCAL_DIR) return 0;
  const { workingDir } = readClusterSettings({ PG_WORKING_DIR: env.PG_WORKING_DIR, LOCAL_DIR: env.LOCAL_DIR });
  const report = (line: string) => stderr.write(`postgres-cleanup: ${line}\n`);
  if ((await stopCluster(workingDir, { signal, report })) === 'stopped') report(`Stopped the server in ${workingDir}`);
  return 0;
}

function wantsHelp(args: readonly string[]): boolean {
  try {
    return parseArgs({ args: [...args], options: { help: { type: 'boolean', short: 'h' } } }).values.help === true;
  } catch (error) {
    if (!codeOf(error)?.startsWith('ERR_PARSE_ARGS')) throw error;
    throw new UserError(messageOf(error), {
      exitCode: ExitCode.notFound,
      hint: 'See postgres-cleanup --help.',
      cause: error,
    });
  }
}
