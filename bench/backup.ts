/**
 * A physical backup of examples/shop, compressed, with its WAL: `database backup`, which also reads what it wrote and checks every checksum,
 * against the system's pg_basebackup, which does not. Needs a server of the same version as pg_basebackup: PG_BIN_DIR=system.
 * Usage: PG_BIN_DIR=system node dist/bench/backup.js [ROUNDS]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Contestant, compare } from './measure.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const database = join(root, 'bin', 'database');
const directory = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
const env = {
  ...process.env,
  LOCAL_DIR: join(root, 'examples', 'shop'),
  PG_WORKING_DIR: join(directory, 'pg'),
  PG_SHARED_PRELOAD_LIBRARIES: '',
};

/** A program's own version, or nothing where it is not installed. */
async function majorOf(program: string): Promise<string> {
  const shown = await run(program, ['--version']).catch(() => ({ stdout: '' }));
  return /\) (\d+)/.exec(shown.stdout)?.[1] ?? '';
}

function contestants(url: string): Contestant[] {
  const rival = join(directory, 'rival');
  const args = ['-d', url, '-D', rival, '-Ft', '-z', '-X', 'fetch', '-c', 'fast'];
  const clear = () => rm(rival, { recursive: true, force: true });
  return [
    { name: 'pg_basebackup -Ft -z -X fetch', before: clear, run: () => run('pg_basebackup', args) },
    { name: 'database backup', run: () => run(database, ['backup', join(directory, 'ours')], { env }) },
  ];
}

try {
  const { stdout } = await run(database, ['deploy', '--mock'], { env });
  const { stdout: status } = await run(database, ['status', '--json'], { env });
  const server: string = JSON.parse(status).database.server;
  const both = contestants(stdout.trim());
  const isFair = (await majorOf('pg_basebackup')) === server.split('.')[0];
  const chosen = isFair ? both : both.slice(1);
  await compare(`a backup of examples/shop, PostgreSQL ${server}`, chosen, Number(process.argv[2] ?? 5));
} finally {
  await run(database, ['cleanup'], { env });
  await rm(directory, { recursive: true, force: true });
}
