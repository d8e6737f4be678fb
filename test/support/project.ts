import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Ended, run, start } from './cli.js';

/** A project in a directory of its own, with a local cluster that is removed with it. */
export interface TestProject {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  database(argv: readonly string[], env?: Readonly<Record<string, string | undefined>>): Promise<Ended>;
  start(argv: readonly string[], env?: Readonly<Record<string, string | undefined>>): ReturnType<typeof start>;
}

/** Lends a project made of the given files (paths relative to its root). */
export async function withProject<T>(
  files: Readonly<Record<string, string>>,
  use: (project: TestProject) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'slipway-project-'));
  const env = { LOCAL_DIR: root, PG_WORKING_DIR: join(root, 'pg'), PG_DATABASE: 'shop' };
  const project: TestProject = {
    root,
    env,
    write: (more) => writeFiles(root, more),
    database: (argv, extra = {}) => run('database', argv, { ...env, ...extra }),
    start: (argv, extra = {}) => start('database', argv, { ...env, ...extra }),
  };
  try {
    await project.write(files);
    return await use(project);
  } finally {
    await run('postgres-cleanup', [], env);
    await rm(root, { recursive: true, force: true });
  }
}

async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}
