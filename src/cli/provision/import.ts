import { Command } from 'commander';
import type { Io } from '../run.js';
import { readCount } from './durations.js';

export function importCommand(io: Io): Command {
  return new Command('import')
    .description('write the services file for what is on a server')
    .argument('[url]', 'its maintenance database, as URL or keywords; else as PGHOST, PGUSER, PGDATABASE and so on say')
    .option('--parallel <count>', 'databases that are looked into at the same time', readCount, 4)
    .action(async (url: string | undefined, { parallel }: { readonly parallel: number }) => {
      const { resolveConnection } = await import('../../postgres/config.js');
      const { importServer } = await import('../../provision/import/import.js');
      const config = resolveConnection(url ?? {}, io.env);
      const { text, services, remarks } = await importServer({ config, signal: io.signal }, { parallel });
      io.stdout.write(text);
      io.stderr.write(
        `${services} services${remarks.length === 0 ? '' : `, ${remarks.length} remarks at the top of the file`}\n`,
      );
    });
}
