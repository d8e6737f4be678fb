import { Command } from 'commander';
import { ExitCode, UserError } from '../../errors.js';
import type { Script } from '../../supabase/files.js';
import type { SettingFlags } from '../../supabase/settings.js';
import type { Io } from '../run.js';

/** Which database, what is to be in it, and which files. */
export interface DatabaseFlags extends SettingFlags {
  readonly extra?: string;
}

/** A command that works on a database of Supabase. */
export function databaseCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('[url]', "the project's database, as URL or keywords; else as PGHOST, PGUSER, PGDATABASE and so on say")
    .option('--password-file <file>', "holds the password of the services' roles, instead of POSTGRES_PASSWORD")
    .option('--jwt-exp <seconds>', 'lifetime of tokens, instead of JWT_EXP')
    .option('--jwt-secret-file <file>', 'holds the JWT secret, instead of JWT_SECRET')
    .option(
      '--jwt-secret-in-database',
      'put the secret into a setting that every role can read (JWT_SECRET_IN_DATABASE)',
    )
    .option('--owner <role>', "owner of what belongs to no service, instead of POSTGRES_USER and the session's user")
    .option('--supabase-database <name>', 'database of analytics and the pooler, instead of _supabase')
    .option('--extra <directory>', 'scripts (*.sql) that run after the seven, in the order of their names');
}

/** What every command of a database needs, read from its arguments and the environment. */
export async function openDatabase(io: Io, url: string | undefined, flags: DatabaseFlags) {
  const { readSettings } = await import('../../supabase/settings.js');
  const { resolveConnection } = await import('../../postgres/config.js');
  if (url === undefined && !io.env.PGDATABASE && !io.env.PGHOST && !io.env.PGSERVICE) {
    throw new UserError('no database is named', {
      exitCode: ExitCode.missing,
      hint: 'slipway supabase init postgresql://supabase_admin@host/postgres, or set PGHOST and PGDATABASE',
    });
  }
  return { config: resolveConnection(url ?? {}, io.env), settings: readSettings(flags, io.env) };
}

/** The files that a command is about: ours and the user's. */
export async function ownAndExtraScripts(extra: string | undefined): Promise<readonly Script[]> {
  const { supabaseScripts } = await import('../../supabase/files.js');
  const { extraScripts } = await import('../../supabase/extra.js');
  return [...supabaseScripts(), ...(extra === undefined ? [] : await extraScripts(extra))];
}
