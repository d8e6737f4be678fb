import { parseArgs } from 'node:util';
import type { Cluster } from '../cluster/cluster.js';
import { readClusterSettings } from '../cluster/settings.js';
import { startCluster } from '../cluster/start.js';
import { codeOf, ExitCode, messageOf, UserError } from '../errors.js';
import type { Io } from './run.js';

const help = `Usage: postgres-init [options]
       . postgres-init

Starts a PostgreSQL cluster for development, in a directory of its own. Executed, it prints the connection URL. Sourced by sh,
bash or zsh, it exports POSTGRESQL_HOST, POSTGRESQL_PORT, POSTGRESQL_USER, POSTGRESQL_DATABASE, PGURL and the variable that
PG_URL_VAR names. What stood in the directory is replaced by an empty cluster, unless it shall be reused.

Options:
  --reuse     keep and start the cluster that is there (as PG_REUSE=1 does)
  --export    print the exports as shell code instead of the URL: eval "$(postgres-init --export)"
  -h, --help  show this help

Environment (docs/postgres-init.md says more):
  LOCAL_DIR                     the project; the cluster lives in its focus/postgresql
  PG_WORKING_DIR                another directory for the cluster
  PG_DATABASE                   the database to create (testdb)
  PG_PORT                       the number in the socket's name (5432); nothing listens on TCP
  PG_REUSE                      when set, keep an existing cluster
  PG_BIN_DIR                    another server: a directory, or "system"; unset, the embedded one
  PG_CONF_FILE                  a postgresql.conf for the fresh cluster
  PG_SHARED_PRELOAD_LIBRARIES   libraries to preload (pg_cron if it is installed)
  PG_LOG_PATH                   where server logs go (data/log)
  PG_DISABLE_LOGGING            1: no server logs
  PG_URL_VAR                    a further variable for the URL
  PG_OS_USER                    the account that runs the server when root starts it
`;

interface Flags {
  readonly reuse: boolean;
  readonly export: boolean;
  readonly help: boolean;
}

/** The `postgres-init` executable. */
export async function postgresInit({ argv, env, stdout, stderr, signal }: Io): Promise<number> {
  const flags = readFlags(argv);
  if (flags.help) {
    stdout.write(help);
    return 0;
  }
  const settings = readClusterSettings(flags.reuse ? { ...env, PG_REUSE: '1' } : env);
  const report = (line: string) => stderr.write(`postgres-init: ${line}\n`);
  const cluster = await startCluster(settings, { env, signal, report });
  stdout.write(flags.export ? shellExports(cluster, settings.urlVariable) : `${cluster.url}\n`);
  return 0;
}

function readFlags(args: readonly string[]): Flags {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { reuse: flag, export: flag, help: { ...flag, short: 'h' } },
    });
    return values;
  } catch (error) {
    if (!codeOf(error)?.startsWith('ERR_PARSE_ARGS')) throw error;
    throw new UserError(messageOf(error), {
      exitCode: ExitCode.notFound,
      hint: 'See postgres-init --help.',
      cause: error,
    });
  }
}

/** The six variables as lines for sh; an alias of `export` must not matter. */
export function shellExports({ host, port, user, database, url }: Cluster, urlVariable: string): string {
  const variables: Record<string, string> = {
    POSTGRESQL_HOST: host,
    POSTGRESQL_PORT: String(port),
    POSTGRESQL_USER: user,
    POSTGRESQL_DATABASE: database,
    PGURL: url,
    [urlVariable]: url,
  };
  return Object.entries(variables)
    .map(([name, value]) => `\\export ${name}=${shellQuoted(value)}\n`)
    .join('');
}

function shellQuoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
