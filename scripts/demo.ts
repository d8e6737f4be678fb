import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shop = join(root, 'examples', 'shop');
const workingDir = process.env.DEMO_DIR ?? join(shop, 'focus', 'postgresql');

/** Nothing of the caller's own database settings: the demo touches its own cluster and no other. */
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(PG|DB_URL|DATABASE_|HYDRATE_|PATCH_|HECTIC_)/.test(name)),
  ),
  LOCAL_DIR: shop,
  PROFILE_DIR: shop,
  MIGRATION_DIR: join(shop, 'db', 'migration'),
  PG_WORKING_DIR: workingDir,
  PG_DATABASE: 'shop',
  ENVIRONMENT: 'dev',
};

const deployed = database('deploy', '--mock');
database('test');
database('status');
process.stdout.write(`
The database keeps running. Connect to it:
  psql '${deployed.trim().split('\n').at(-1)}'
Stop it and remove it:
  LOCAL_DIR='${shop}' PG_WORKING_DIR='${workingDir}' '${join(root, 'bin', 'database')}' cleanup
`);

/** Runs a command of ours as a reader would, and answers what it printed. */
function database(...argv: readonly string[]): string {
  process.stdout.write(`\n$ database ${argv.join(' ')}\n`);
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'bin', 'database'), ...argv], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(stdout);
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}
