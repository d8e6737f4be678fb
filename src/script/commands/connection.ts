import { UserError } from '../../errors.js';
import { type ConnectionConfig, type Host, resolveConnection } from '../../postgres/config.js';
import { isConnectionString, parseConninfo } from '../../postgres/conninfo.js';
import type { Conninfo } from '../../postgres/keywords.js';
import { booleanExpected, parseBoolean } from '../../psql/variables/parse.js';
import { quoteLiteral } from '../../sql/quote.js';
import { adoptConnection, ask, dropConnection, libpqText, openConnection } from '../connection.js';
import type { ScriptSession } from '../session.js';
import { argument, type Command, type CommandOutcome, type CommandTable, outcomeOf } from './command.js';

/** `\connect`, `\conninfo`, `\encoding`. */
export const connectionCommands: CommandTable = {
  c: { run: connect },
  connect: { run: connect },
  conninfo: { run: describeConnection },
  encoding: { run: encoding },
};

interface Wanted {
  readonly dbname: string | undefined;
  readonly user: string | undefined;
  readonly host: string | undefined;
  readonly port: string | undefined;
}

const reusePrefix = '-reuse-previous=';

/** `\connect [-reuse-previous=BOOL] [DBNAME|CONNINFO] [USER] [HOST] [PORT]` (command.c, do_connect). */
async function connect(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  let first = await connectArgument(command);
  let reuse: boolean | undefined;
  if (first?.startsWith(reusePrefix)) {
    const value = first.slice(reusePrefix.length);
    reuse = parseBoolean(value);
    if (reuse === undefined) {
      session.report('error', booleanExpected(value, '-reuse-previous'));
      return 'failed';
    }
    first = await connectArgument(command);
  }
  const user = await connectArgument(command);
  const host = await connectArgument(command);
  const port = await connectArgument(command);
  return outcomeOf(await reconnect(session, { dbname: first, user, host, port }, reuse));
}

/** An argument that is missing, empty or a bare `-` keeps what is. */
async function connectArgument({ scanner }: Command): Promise<string | undefined> {
  const found = await scanner.argument('sql-id-hack', { stripSemicolons: true });
  if (found === undefined || found.quote !== '') return found?.text;
  return found.text === '' || found.text === '-' ? undefined : found.text;
}

async function reconnect(session: ScriptSession, wanted: Wanted, reuse: boolean | undefined): Promise<boolean> {
  const isString = wanted.dbname !== undefined && isConnectionString(wanted.dbname);
  const fault = faultOf(session, wanted, isString, reuse ?? !isString);
  if (fault !== undefined) {
    session.report('error', fault);
    return false;
  }
  try {
    const given = isString ? parseConninfo(wanted.dbname!) : onlyGiven(wanted);
    const base = (reuse ?? !isString) ? reusable(session.config!, given) : {};
    await replaceConnection(session, resolveConnection({ ...base, ...given }, session.system.env));
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    session.report('error', `\\connect: ${libpqText(error)}`);
    await dropConnection(session);
    session.config = undefined;
    return false;
  }
}

function faultOf(
  { config }: ScriptSession,
  { user, host, port }: Wanted,
  isString: boolean,
  reuses: boolean,
): string | undefined {
  if (isString && (user ?? host ?? port) !== undefined) {
    return 'Do not give user, host, or port separately when using a connection string';
  }
  return reuses && config === undefined ? 'No database connection exists to re-use parameters from' : undefined;
}

function onlyGiven(wanted: Wanted): Conninfo {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

/** Settings of the connection so far; the password only while it is meant for the same server and user. */
function reusable({ conninfo }: ConnectionConfig, given: Conninfo): Conninfo {
  const { password, hostaddr, ...rest } = conninfo;
  const isKept = (key: keyof Conninfo) => given[key] === undefined || given[key] === conninfo[key];
  return {
    ...rest,
    ...(password !== undefined && isKept('user') && isKept('host') && isKept('port') ? { password } : {}),
    ...(hostaddr !== undefined && isKept('host') ? { hostaddr } : {}),
  };
}

/** The new connection is made before the old one is closed. */
async function replaceConnection(session: ScriptSession, config: ConnectionConfig): Promise<void> {
  const old = session.wire;
  const wire = await openConnection(session, config);
  adoptConnection(session, config, wire);
  const moved = old === undefined || !isSamePlace(old.connected.host, wire.connected.host);
  if (!session.settings.quiet) {
    session.stdout.write(`You are now connected to ${whomAndWhere(session.config!, wire.connected.host, moved)}.\n`);
  }
  await old?.close();
}

function isSamePlace(one: Host, other: Host): boolean {
  return one.host === other.host && one.port === other.port;
}

function whomAndWhere({ database, user }: ConnectionConfig, host: Host, withPlace: boolean): string {
  const who = `database "${database}" as user "${user}"`;
  if (!withPlace) return who;
  if (host.isSocket) return `${who} via socket in "${host.host}" at port "${host.port}"`;
  const address = host.hostaddr === undefined || host.hostaddr === host.host ? '' : ` (address "${host.hostaddr}")`;
  return `${who} on host "${host.host}"${address} at port "${host.port}"`;
}

function describeConnection({ session }: Command): CommandOutcome {
  const { wire, config } = session;
  const sentence =
    wire === undefined || config === undefined
      ? 'You are currently not connected to a database.'
      : `You are connected to ${whomAndWhere(config, wire.connected.host, true)}.`;
  session.stdout.write(`${sentence}\n`);
  return 'done';
}

/** A name that the server does not know is said, and is no failure. */
async function encoding(command: Command): Promise<CommandOutcome> {
  const { session } = command;
  const name = await argument(command);
  if (name === undefined) session.stdout.write(`${session.wire?.clientEncoding ?? 'UTF8'}\n`);
  else if ((await ask(session, `SET client_encoding TO ${quoteLiteral(name)}`, 'silent')) === undefined) {
    session.report('error', `${name}: invalid encoding name or conversion procedure not found`);
  } else session.variables.set('ENCODING', session.wire?.clientEncoding ?? '');
  return 'done';
}
