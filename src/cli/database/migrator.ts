import { Command } from 'commander';
import type { Io } from '../run.js';
import { urlOption } from './command.js';

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
      const { readProject } = await import('../../dev/project.js');
      const { migrator } = await import('../migrator.js');
      const project = readProject(io.env);
      const target = url ?? project.url?.text;
      const env = {
        ...io.env,
        MIGRATION_DIR: project.migrationDir,
        ...(target === undefined ? {} : { DB_URL: target }),
      };
      const { ExitStatus } = await import('../program.js');
      const status = await migrator({ ...io, argv, env });
      if (status !== 0) throw new ExitStatus(status);
    });
}
