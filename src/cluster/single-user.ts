import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { asAccount } from './account.js';
import { ServerFailed } from './server.js';
import type { Site } from './site.js';

export interface SingleUserRun {
  readonly dataDir: string;
  /** A database that is there. */
  readonly database: string;
  /** One statement each; they run as the superuser that initdb made, whatever its name. */
  readonly statements: readonly string[];
}

const proof = 'slipway: ready';

/**
 * Starts PostgreSQL on a data directory without a server (`postgres --single`): it recovers what there is to recover, runs the statements,
 * and shuts down in order. Nobody can connect, no background process starts, and if we are killed it ends by itself.
 * @returns all that it said; a statement's error is among it. @throws ServerFailed when it does not get as far as running statements.
 */
export async function runSingleUser(site: Site, { dataDir, database, statements }: SingleUserRun): Promise<string> {
  const program = join(site.binaries.binDir, 'postgres');
  // With -j a statement ends at a semicolon and an empty line.
  const started = asAccount(site.account, program, [
    '--single',
    '-j',
    '-D',
    dataDir,
    '-c',
    'log_min_messages=warning',
    database,
  ]);
  const child = spawn(started.command, started.args, { cwd: dataDir, env: site.env, ...started.ids });
  const stop = () => child.kill('SIGTERM');
  site.signal?.addEventListener('abort', stop);
  try {
    const output = collect(child);
    child.stdin.on('error', () => undefined);
    child.stdin.end([...statements, `SELECT '${proof}'`].map((statement) => `${statement};\n\n`).join(''));
    const text = await output;
    site.signal?.throwIfAborted();
    if (!text.includes(`"${proof}"`)) throw new ServerFailed(text);
    return text;
  } finally {
    site.signal?.removeEventListener('abort', stop);
  }
}

function collect(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
    }
    child.on('error', reject).on('close', () => resolve(text));
  });
}
