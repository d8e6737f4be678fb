import { Writable } from 'node:stream';
import { findBinaries } from '../cluster/binaries.js';
import { cacheDirectory } from '../cluster/places.js';
import { withTemporaryCluster } from '../cluster/temporary.js';
import { withClient } from '../postgres/client.js';
import { resolveConnection } from '../postgres/config.js';
import { dumpSchema } from '../postgres/dump/dump.js';
import { quoteIdentifier } from '../sql/quote.js';
import { compare } from './compare.js';
import { readHistory } from './history.js';
import { init } from './init.js';
import { defaultLimits } from './limits.js';
import { type Done, type MigrateOptions, run, underLock } from './migrate.js';
import type { Migration } from './migration.js';
import { decide } from './observe.js';
import { withMigratorSession } from './open.js';
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
  /** Fulfils a wish with these migrations. */
  run(wish: Wish, migrations: readonly Migration[]): Promise<Done>;
  /** Its schema as SQL, without the migrator's own. */
  dump(): Promise<string>;
}

export interface Scratch {
  /** Makes a database in which nothing is applied. */
  database(): Promise<ScratchDatabase>;
}

/** Lends a server of its own, which is removed whatever happens. */
export async function withScratch<T>(trial: Trial, use: (scratch: Scratch) => Promise<T>): Promise<T> {
  const { env, signal, report } = trial;
  const { binDir } = await findBinaries(env.PG_BIN_DIR, cacheDirectory(env), env);
  return withTemporaryCluster({ env, signal, report }, async ({ url }) => {
    let count = 0;
    return use({
      database: () => {
        count += 1;
        return makeDatabase(trial, url, `scratch_${count}`, binDir);
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
    run: (wish, migrations) => fulfil(workplace, wish, migrations),
    dump: () => dumpSchema(connection, { binDir, args: ['--exclude-schema=hectic'], signal: trial.signal }),
  };
}

function fulfil(workplace: Workplace, wish: Wish, migrations: readonly Migration[]): Promise<Done> {
  return withMigratorSession(workplace.connection, workplace.signal, (opened) =>
    underLock(workplace, opened, options, async () => {
      const comparison = compare(await readHistory(opened.session), migrations);
      const steps = await decide(opened.session, workplace, comparison, wish, options);
      return run(workplace, opened, comparison, steps, options);
    }),
  );
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
