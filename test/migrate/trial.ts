import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Ended, run } from '../support/cli.js';
import { testEnvironment, withDirectory } from '../support/cluster.js';

/** Migrations on disk, without a database. */
export interface Trial {
  readonly directory: string;
  migrator(argv: readonly string[]): Promise<Ended>;
}

/** Lends a directory with migrations (paths relative to it). */
export function withMigrations(
  files: Readonly<Record<string, string>>,
  use: (trial: Trial) => Promise<void>,
): Promise<void> {
  return withDirectory(async (root) => {
    const directory = join(root, 'migration');
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    const env = { ...testEnvironment(), MIGRATION_DIR: directory };
    await use({ directory, migrator: (argv) => run('migrator', argv, env) });
  });
}
