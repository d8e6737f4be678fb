/** Settings of postgresql.conf: names with values as plain text. */
export type Conf = Readonly<Record<string, string>>;

/** Name of the file that is read last and rewritten at every launch. */
export const runtimeConfName = 'slipway.conf';

const developmentHeading =
  '# Written by slipway: settings for development, where speed counts and data can be made again.';
const includeLine = `include_if_exists = '${runtimeConfName}' # Written by slipway at every launch.`;

/** Durability is given up (a crash of the machine costs the cluster), everything else stays as in production. */
const development: Conf = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  checkpoint_timeout: '30min',
  max_wal_size: '2GB',
  wal_init_zero: 'off',
  jit: 'off',
  log_line_prefix: '%m [%p] %q%u@%d ',
  // POSIX shared memory is removed when a user's last session ends (RemoveIPC in logind.conf), and is 64 MB in a container.
  dynamic_shared_memory_type: 'mmap',
};

/** The configuration file of a fresh cluster: what initdb wrote with our settings after it, or the user's file alone. */
export function freshConf(fromInitdb: string, users: string | undefined): string {
  return users ?? `${fromInitdb.trimEnd()}\n\n${developmentHeading}\n${confText(development)}`;
}

/** The configuration file with our include as its last line, so that it wins. */
export function withInclude(conf: string): string {
  const others = conf.split('\n').filter((line) => line !== includeLine);
  return `${others.join('\n').trimEnd()}\n${includeLine}\n`;
}

/** Whether the settings are ours, and not those of a PG_CONF_FILE. */
export function isDevelopmentConf(conf: string): boolean {
  return conf.includes(developmentHeading);
}

/** Whether a configuration file was made, or used, by us or by a script that put its sockets into the same directory. */
export function isConfOf(conf: string, workingDir: string): boolean {
  return (
    conf.includes(includeLine) ||
    conf.includes(developmentHeading) ||
    conf.includes(`${quoted(workingDir).slice(0, -1)}/sock`)
  );
}

export interface RuntimeSettings {
  readonly port: number;
  readonly socketDirectories: readonly string[];
  readonly database: string;
  /** Undefined when the user's PG_CONF_FILE decides about the rest. */
  readonly own: { readonly preload: readonly string[]; readonly log: LogSettings } | undefined;
}

export interface LogSettings {
  readonly collector: boolean;
  readonly directory: string | undefined;
  readonly file: string | undefined;
}

/** What depends on the launch: read last, so that it holds for a reused, moved or user-configured cluster too. */
export function runtimeConf({ port, socketDirectories, database, own }: RuntimeSettings): Conf {
  const [host = ''] = socketDirectories;
  return {
    port: String(port),
    unix_socket_directories: directoryList(socketDirectories),
    ...(own && { shared_preload_libraries: own.preload.map(listItem).join(', '), ...logConf(own.log) }),
    // Names with a dot are accepted whether or not the extension is there.
    'cron.database_name': database,
    'cron.host': host,
  };
}

function logConf({ collector, directory, file }: LogSettings): Conf {
  return {
    logging_collector: collector ? 'on' : 'off',
    log_directory: directory ?? 'log',
    log_filename: file?.replaceAll('%', '%%') ?? 'postgresql-%Y-%m-%d_%H%M%S.log',
  };
}

/** SplitDirectoriesString in varlena.c: commas separate, double quotes protect. */
export function directoryList(directories: readonly string[]): string {
  return directories.map((directory) => `"${directory.replaceAll('"', '""')}"`).join(', ');
}

function listItem(name: string): string {
  return /^[\w$/.-]+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export function confText(conf: Conf): string {
  const lines = Object.entries(conf).map(([name, value]) => `${name} = ${quoted(value)}`);
  return `${lines.join('\n')}\n`;
}

/** GUC_scanstr in guc-file.l: quotes are doubled, backslashes escape. */
function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
