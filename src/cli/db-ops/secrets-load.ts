import { Command } from 'commander';
import { urlOption } from '../database/command.js';
import type { Io } from '../run.js';

export function secretsLoadCommand(io: Io): Command {
  return new Command('load')
    .description('apply the hectic bundle, then replace all secrets by those of a dotenv file')
    .addOption(urlOption())
    .option('-f, --file <file>', 'dotenv file, instead of HECTIC_DOTENV_CONTENT, HECTIC_DOTENV_FILE and ENVIRONMENT')
    .action(async ({ url, file }: { url?: string; file?: string }) => {
      const { loadSecretsInto } = await import('../../dev/secrets-load.js');
      const { openProgress } = await import('../terminal.js');
      await loadSecretsInto({ url, file }, { env: io.env, progress: openProgress(io) });
    });
}
