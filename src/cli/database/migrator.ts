import { Command } from 'commander';
import type { Workspace } from '../../dev/workspace.js';
import type { Io } from '../run.js';
import { openWorkspace, urlOption } from './command.js';

export function migratorCommand(io: Io): Command {
  return new Command('migrator')
    .description("run the migrator with the project's MIGRATION_DIR and DB_URL")
    .argument('[arguments...]', "the migrator's own arguments")
    .addOption(urlOption())
    .helpOption(false)
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (argv: string[], _options, command: Command) => {
      const { url } = command.optsWithGlobals<{ url?: string }>();
      const { migrator } = await import('../migrator.js');
      const workspace = await openWorkspace(io, url);
      const target = workspace.project.url?.text ?? (await runningUrl(workspace));
      const env = {
        ...io.env,
        MIGRATION_DIR: workspace.project.migrationDir,
        ...(target === undefined ? {} : { DB_URL: target }),
      };
      const { ExitStatus } = await import('../program.js');
      const status = await migrator({ ...io, argv, env });
      if (status !== 0) throw new ExitStatus(status);
    });
}

/** The database of the project's own cluster, where the other subcommands work without DB_URL, too. */
async function runningUrl(workspace: Workspace): Promise<string | undefined> {
  const { localStatus } = await import('../../dev/local-cluster.js');
  const { running, cluster } = await localStatus(workspace);
  return running ? cluster.url : undefined;
}
