import { Writable } from 'node:stream';
import { findBinaries } from '../cluster/binaries.js';
import { cacheDirectory } from '../cluster/places.js';
import { withTemporaryCluster } from '../cluster/temporary.js';
import { withClient } from '../postgres/client.js';
import { resolveConnection } from '../postgres/config.js';
import { dumpSchema } from '../postgres/dump/dump.js';
import { quoteIdentifier } from '../sql/quote.js';
import { init } from './init.js';
import { defaultLimits } from './limits.js';
import { type Done, type MigrateOptions, migrate } from './migrate.js';
import type { Migration } from './migration.js';
import type { Wish } from './plan.js';
import type { Reporter } from './reporter.js';
import type { Workplace } from './workplace.js';

/** What trying migrations out needs: their directory, and nothing of a database that anybody uses. */
export type Trial = Omit<Workplace, 'connection' | 'stdout' | 'stderr' | 'reporter'> & {
  /** With the hectic bundle, as `migrate` has it. */
  readonly hook: boolean;
  /** Told what the throw-away cluster has to say. */
  readonly report: (line: string) => void;
};

/** A database on a server that is thrown away. */
export interface ScratchDatabase {
  run(wish: Wish, directory?: string): Promise<Done>;
  /** Its schema as SQL, without the migrator's own. */
  dump(): Promise<string>;
}

export interface Scratch {
  /** Makes a database in which nothing is applied, or all up to and with a migration. */
  database(upTo?: Migration): Promise<ScratchDatabase>;
}

/** Lends a server of its own, which is removed whatever happens. */
export async function withScratch<T>(trial: Trial, use: (scratch: Scratch) => Promise<T>): Promise<T> {
  const { env, signal, report } = trial;
  const { binDir } = await findBinaries(env.PG_BIN_DIR, cacheDirectory(env), env);
  return withTemporaryCluster({ env, signal, report }, async ({ url }) => {
    let count = 0;
    return use({
      database: async (upTo) => {
        count += 1;
        const made = await makeDatabase(trial, url, `scratch_${count}`, binDir);
        if (upTo !== undefined) await made.run({ kind: 'to', name: upTo.name });
        return made;
      },
    });
  });
}

async function makeDatabase(trial: Trial, url: string, name: string, binDir: string): Promise<ScratchDatabase> {
  await withClient(url, (client) => client.query(`CREATE DATABASE ${quoteIdentifier(name)}`));
  const { conninfo } = resolveConnection(url, {});
  const connection = resolveConnection({ ...conninfo, dbname: name }, {});
  const workplace: Workplace = { ...trial, connection, stdout: nowhere(), stderr: nowhere(), reporter: silent };
  await init(workplace, trial);
  return {
    run: (wish, directory = trial.directory) => migrate({ ...workplace, directory }, wish, options),
    dump: () => dumpSchema(connection, { binDir, args: ['--exclude-schema=hectic'], signal: trial.signal }),
  };
}

const options: MigrateOptions = { force: false, allowOutOfOrder: false, hook: false, limits: defaultLimits };

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

const silent: Reporter = {
  step: (_title, work) => work(() => undefined),
  note: () => undefined,
  warn: () => undefined,
};
