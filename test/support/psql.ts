import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Why the real psql cannot be the judge of a test, undefined when it can. */
export const psqlIsMissing: string | undefined =
  spawnSync('psql', ['--version']).error === undefined ? undefined : 'psql is not installed';

/** Runs a script through the real psql and returns what it writes to standard output and standard error, in one. */
export async function psql(url: string, script: string, options: readonly string[] = []): Promise<string> {
  const child = spawn('sh', ['-c', 'exec psql "$@" 2>&1', 'sh', '-X', ...options, url], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PGCLIENTENCODING: 'UTF8', LC_ALL: 'C', COLUMNS: '' },
  });
  child.stdin.end(script);
  return await text(child.stdout);
}
