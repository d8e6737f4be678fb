import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { UserError } from '../../errors.js';
import type { ConnectionConfig, Host } from '../config.js';
import { type Keyword, ruleOf } from '../keywords.js';
import { dumpFailure } from './failure.js';

/** The first pg_dump of the directories that can dump a server of this major version: pg_dump refuses newer ones. */
export async function findDumpProgram(directories: readonly string[], major: number): Promise<string | undefined> {
  for (const directory of directories) {
    const program = join(directory, 'pg_dump');
    if ((await majorOf(program)) >= major) return program;
  }
  return undefined;
}

/** 0 for what is not there or does not run. */
async function majorOf(program: string): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version']);
    return Number.parseInt(/\) (\d+)/.exec(stdout)?.[1] ?? '0', 10);
  } catch {
    return 0;
  }
}

/** Runs a pg_dump on the database and answers what it writes. */
export async function nativeDump(
  program: string,
  config: ConnectionConfig,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  return withServiceFile(config, async (serviceFile) => {
    const child = spawn(program, args, {
      env: { ...withoutConnection(config.env), PGSERVICEFILE: serviceFile, PGSERVICE: 'dump', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    });
    const status = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    const [code, dump, words] = await Promise.all([status, text(child.stdout), text(child.stderr)]);
    if (code !== 0) throw dumpFailure(words || `${program} ended with status ${code}`);
    return dump;
  });
}

/** Of the caller's environment, all but what libpq would read. */
function withoutConnection(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PG')));
}

/**
 * Lends a service file that says what the configuration says, with a password file beside it, both for this user's eyes alone: so
 * nothing of the connection stands in the arguments or the environment of the process.
 */
async function withServiceFile<T>(config: ConnectionConfig, use: (file: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-dump-'));
  try {
    const passfile = join(directory, 'pgpass');
    const serviceFile = join(directory, 'pg_service.conf');
    await writeFile(passfile, config.hosts.map(passwordLine).join(''), { mode: 0o600 });
    await writeFile(serviceFile, serviceText(config, passfile), { mode: 0o600 });
    return await use(serviceFile);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Each host's own; a socket in libpq's default directory goes by the name of localhost. */
function passwordLine({ host, port, isSocket, password }: Host): string {
  if (password === undefined) return '';
  if (password.includes('\n')) throw new UserError('a password that holds a line break cannot be handed to pg_dump');
  const name = isSocket ? '*' : host;
  return `${[name, String(port), '*', '*', password].map((field) => (field === '*' ? field : escaped(field))).join(':')}\n`;
}

function escaped(field: string): string {
  return field.replaceAll(/[\\:]/g, '\\$&');
}

/** These are said anew below, or by the arguments. */
const saidOtherwise: ReadonlySet<string> = new Set<Keyword>([
  'host',
  'hostaddr',
  'port',
  'password',
  'passfile',
  'service',
  'servicefile',
  'client_encoding',
  'requiressl',
  'replication',
]);

function serviceText({ conninfo, hosts }: ConnectionConfig, passfile: string): string {
  const addresses = hosts.map(({ hostaddr }) => hostaddr ?? '').join(',');
  const settings: Record<string, string> = {
    host: hosts.map(({ host }) => host).join(','),
    port: hosts.map(({ port }) => port).join(','),
    ...(/^,*$/.test(addresses) ? {} : { hostaddr: addresses }),
    passfile,
  };
  for (const [keyword, value] of Object.entries(conninfo)) {
    if (!saidOtherwise.has(keyword) && value !== ruleOf(keyword as Keyword).default) settings[keyword] = value;
  }
  return `[dump]\n${Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}`;
}
