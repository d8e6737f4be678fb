import { type ConnectionConfig, type ConnectionSource, resolveConnection } from '../postgres/config.js';
import type { Wire } from '../postgres/wire.js';
import { type Action, runActions } from './actions.js';
import { adoptConnection, openConnection } from './connection.js';
import type { ScriptError } from './errors.js';
import type { FileStatus } from './loop.js';
import type { SessionOptions } from './options.js';
import { ScriptSession, SessionEnded } from './session.js';
import { bytesOf, ScriptSource } from './source.js';

/** A script: a file by its name (`-` is standard input), or text with a name for messages. */
export type Script = { readonly file: string } | { readonly text: string; readonly name?: string | undefined };

export type ScriptOptions = Script & {
  /** Bracket the script with BEGIN and COMMIT, or ROLLBACK after a failure that stopped it (`psql -1`). */
  readonly singleTransaction?: boolean | undefined;
};

/** How a script ended. */
export interface ScriptOutcome {
  /** psql's exit status: 0 to the end, 1 not readable, 2 connection lost, 3 stopped at an error. */
  readonly status: FileStatus;
  /** Everything that failed, in order; with `onErrorStop` the last one stopped the script. */
  readonly errors: readonly ScriptError[];
  /** How many statements were sent. */
  readonly statements: number;
}

/**
 * Runs a psql script. `connection` is a connection string, keywords, a resolved configuration, or a session (see `withSession`), whose
 * options then count. What the script does wrong is in the outcome; a ConnectionError is thrown when no connection can be made, and
 * the signal's reason when it is aborted.
 */
export async function runScript(
  options: ScriptOptions & SessionOptions & { readonly connection: ConnectionSource | ScriptSession },
): Promise<ScriptOutcome> {
  const { connection } = options;
  if (connection instanceof ScriptSession) return runIn(connection, options);
  return withSession(connection, options, (session) => runIn(session, options));
}

/** Lends a session for several scripts, which share variables, settings and the connection; closes it afterwards. */
export async function withSession<T>(
  connection: ConnectionSource,
  options: SessionOptions,
  use: (session: ScriptSession) => Promise<T>,
): Promise<T> {
  const config = resolveConnection(connection, options.env);
  const session = new ScriptSession(config, options);
  adoptConnection(session, config, await openFirstConnection(session, config));
  const cancel = () => void session.wire?.cancel();
  options.signal?.addEventListener('abort', cancel);
  try {
    return await use(session);
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    await session.close();
  }
}

/**
 * Lends a session of its own variables and settings on the connection of another one, which stays open. The other must not be used
 * meanwhile. Whatever the scripts sent ahead has been answered when this returns.
 */
export async function withFreshSession<T>(
  { config, wire }: ScriptSession,
  options: SessionOptions,
  use: (session: ScriptSession) => Promise<T>,
): Promise<T> {
  if (config === undefined || wire === undefined) throw new SessionEnded('connection to server was lost');
  const session = new ScriptSession(config, options);
  adoptConnection(session, config, wire);
  try {
    return await use(session);
  } finally {
    await session.settle();
  }
}

/** What there was to warn of matters most when the connection fails. */
async function openFirstConnection(session: ScriptSession, config: ConnectionConfig): Promise<Wire> {
  try {
    return await openConnection(session, config);
  } catch (error) {
    await session.flush();
    throw error;
  }
}

async function runIn(session: ScriptSession, options: ScriptOptions): Promise<ScriptOutcome> {
  const before = { errors: session.errors.length, statements: session.statements };
  const actions = 'file' in options ? [{ kind: 'file', name: options.file } as const] : [textAction(session, options)];
  const status = await runActions(session, actions, options);
  return {
    status,
    errors: session.errors.slice(before.errors),
    statements: session.statements - before.statements,
  };
}

function textAction({ codec }: ScriptSession, { text, name }: { text: string; name?: string | undefined }): Action {
  return { kind: 'text', name, source: new ScriptSource(bytesOf(codec.encode(text))) };
}
