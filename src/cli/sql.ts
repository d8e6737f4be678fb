import type { Readable } from 'node:stream';
import { UserError } from '../errors.js';
import { type ConnectionConfig, resolveConnection } from '../postgres/config.js';
import { isConnectionString, parseConninfo } from '../postgres/conninfo.js';
import type { Conninfo } from '../postgres/keywords.js';
import { setPrintOption } from '../psql/print/pset.js';
import { type Action, runActions } from '../script/actions.js';
import { libpqText } from '../script/connection.js';
import { includeFile } from '../script/include.js';
import { withSession } from '../script/run.js';
import type { ScriptSession } from '../script/session.js';
import { systemMessage } from '../script/system-error.js';
import { openFile, openTarget } from '../script/target.js';
import type { Io } from './run.js';
import { readArguments, type SqlArguments } from './sql/arguments.js';
import { sqlHelp } from './sql/help.js';
import { startupFiles } from './sql/startup-files.js';

/** What a test gives in place of the process's own. */
interface Surroundings {
  readonly input?: Readable;
  readonly cwd?: string;
}

/** `slipway sql`: runs psql scripts with psql's own command line, messages and exit statuses. */
export async function sql(io: Io, { input = process.stdin, cwd = process.cwd() }: Surroundings = {}): Promise<number> {
  const given = readArguments(io.argv);
  if (given.help) {
    io.stdout.write(sqlHelp);
    return 0;
  }
  if (given.singleTransaction && given.actions.length === 0) {
    return refuse(io, '-1 can only be used in non-interactive mode');
  }
  const isQuiet = given.variables.some(([name]) => name === 'QUIET');
  for (const word of isQuiet ? [] : given.ignored) {
    io.stderr.write(`slipway: warning: extra command-line argument "${word}" ignored\n`);
  }
  try {
    return await withSession(connectionOf(given, io.env), { ...sessionOptions(given, io), input, cwd }, (session) =>
      perform(session, given),
    );
  } catch (error) {
    if (!(error instanceof UserError) || io.signal.aborted) throw error;
    return refuse(io, libpqText(error), error.name === 'ConnectionError' ? 2 : 1);
  }
}

function refuse({ stderr }: Io, text: string, status = 1): number {
  stderr.write(`slipway: error: ${text}\n`);
  return status;
}

/** A database name may be a whole connection string; what else is given then counts as well, as in psql. */
function connectionOf({ connection }: SqlArguments, env: NodeJS.ProcessEnv): ConnectionConfig {
  const { dbname, ...rest } = connection;
  const fromString: Conninfo =
    dbname !== undefined && isConnectionString(dbname) ? parseConninfo(dbname) : { ...(dbname ? { dbname } : {}) };
  return resolveConnection({ ...rest, ...fromString }, env);
}

function sessionOptions({ restricted, includeRoot, batch }: SqlArguments, { env, stdout, stderr, signal }: Io) {
  return {
    env,
    signal,
    onErrorStop: false,
    quiet: false,
    batch,
    output: { stdout, stderr },
    restricted: includeRoot === undefined ? restricted : { includeRoot },
  };
}

/** `-o` is where results go, `-L` what they are written to as well. */
function openOutputs(session: ScriptSession, { output, log }: SqlArguments): boolean {
  const codec = () => session.codec;
  try {
    if (output !== undefined) session.queryOutput = openTarget(output, session.system, codec);
    if (log !== undefined) session.logOutput = openFile(log, session.system, codec);
    return true;
  } catch (error) {
    session.report('error', `${log ?? output}: ${systemMessage(error)}`);
    return false;
  }
}

/** Applies the settings in order and runs what was asked for; without actions, standard input. */
async function perform(session: ScriptSession, given: SqlArguments): Promise<number> {
  for (const [name, value] of given.variables) {
    const fault = session.variables.set(name, value);
    if (fault === undefined) continue;
    session.report('error', fault);
    return 1;
  }
  for (const [name, value] of given.printing) {
    const result = setPrintOption(session.print, name, value);
    if ('failure' in result) {
      session.report('error', result.failure);
      session.report('error', `could not set printing parameter "${name}"`);
      return 1;
    }
    session.print = result.settings;
  }
  if (!openOutputs(session, given)) return 1;
  await runStartupFiles(session, given);
  const actions: readonly Action[] = given.actions.length > 0 ? given.actions : [{ kind: 'input' }];
  return runActions(session, actions, given);
}

async function runStartupFiles(session: ScriptSession, given: SqlArguments): Promise<void> {
  if (given.skipsStartupFile || session.options.restricted) return;
  const files = startupFiles(session.variables.get('VERSION_NAME') ?? '', session.system.env);
  for (const file of files) await includeFile(session, file);
}
