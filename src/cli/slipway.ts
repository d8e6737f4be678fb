import { ExitCode, UserError } from '../errors.js';
import type { Io } from './run.js';

type Main = (io: Io) => Promise<number>;

/** The jobs under the umbrella: what each does, and where its command line is read. */
const jobs: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Main> }>> = {
  database: {
    summary: 'deploy, check and test the database of a project',
    load: async () => (await import('./database.js')).database,
  },
  migrator: {
    summary: 'apply and check migrations',
    load: async () => (await import('./migrator.js')).migrator,
  },
  provision: {
    summary: 'make sure of databases, users and grants on a server',
    load: async () => (await import('./provision.js')).provision,
  },
  supabase: {
    summary: 'make a database ready for Supabase, here or by a Kubernetes Job',
    load: async () => (await import('./supabase.js')).supabase,
  },
  sql: {
    summary: 'run SQL and psql scripts as psql does, without psql',
    load: async () => (await import('./sql.js')).sql,
  },
  'postgres-init': {
    summary: 'start an ephemeral PostgreSQL server',
    load: async () => (await import('./postgres-init.js')).postgresInit,
  },
  'postgres-cleanup': {
    summary: 'stop it',
    load: async () => (await import('./postgres-cleanup.js')).postgresCleanup,
  },
  hectic: {
    summary: 'show the SQL files of the hectic bundle',
    load: async () => (await import('./hectic.js')).hectic,
  },
};

/** The `slipway` executable: hands over to the job that its first word names. */
export async function slipway(io: Io): Promise<number> {
  const [word, ...argv] = io.argv;
  const job = word === undefined ? undefined : jobs[word];
  if (job !== undefined) return (await job.load())({ ...io, argv });
  const { newProgram, runProgram } = await import('./program.js');
  const program = newProgram('slipway', 'Takes a PostgreSQL database from nothing to ready.', io);
  for (const [name, { summary }] of Object.entries(jobs)) program.command(name).description(summary);
  if (word !== undefined && !word.startsWith('-')) {
    throw new UserError(`unknown command '${word}'`, { exitCode: ExitCode.notFound, hint: "see 'slipway --help'" });
  }
  return runProgram(program, io);
}
