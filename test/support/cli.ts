import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The checkout's root. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Starts one of our executables with nothing of the caller's database settings, and `env` on top. */
export function start(program: string, argv: readonly string[], env: Environment = {}): Running {
  const child = spawn(join(root, 'bin', program), argv, {
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const status = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  const ended = Promise.all([status, text(child.stdout), text(child.stderr)]);
  return { child, ended: ended.then(([code, stdout, stderr]) => ({ status: code, stdout, stderr })) };
}

export function run(program: string, argv: readonly string[], env: Environment = {}): Promise<Ended> {
  return start(program, argv, env).ended;
}

const ours =
  /^(PG|POSTGRESQL_|DB_URL|LOCAL_DIR|DATABASE_|MIGRATION_DIR|PROFILE_DIR|HYDRATE_|PATCH_|HECTIC_|ENVIRONMENT)/;

function cleanEnvironment(env: Environment): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(kept), ...env };
}
