import { messageOf } from '../errors.js';
import type { ConnectionConfig } from '../postgres/config.js';
import type { ServerMessage } from '../postgres/messages.js';
import { scramVerifier } from '../postgres/scram.js';
import { describe } from '../script/errors.js';
import { runScript } from '../script/run.js';
import type { Script } from './files.js';
import { type Settings, settingVariables } from './settings.js';

/** How one script went. */
export interface Outcome {
  readonly hasFailed: boolean;
  /** Everything that went wrong, with places; of a tolerant script as well. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly durationMs: number;
}

export interface ApplyContext {
  readonly config: ConnectionConfig;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Runs one script on a connection of its own. What it does wrong is in the outcome; an aborted signal throws its reason. */
export async function applyScript(script: Script, context: ApplyContext): Promise<Outcome> {
  const { config, settings, signal } = context;
  const started = performance.now();
  const warnings: string[] = [];
  const { status, errors } = await runScript({
    connection: config,
    file: script.path,
    variables: variablesOf(script, settings),
    env: environmentOf(script, context),
    onErrorStop: !script.isTolerant,
    printErrors: false,
    signal,
    on: {
      notice: (message) => {
        if (message.V === 'WARNING') warnings.push(warningOf(message));
      },
    },
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    return { status: 2, errors: [messageOf(error)] };
  });
  const texts = errors.map((error) => (typeof error === 'string' ? error : describe(error)));
  return { hasFailed: status !== 0, errors: texts, warnings, durationMs: performance.now() - started };
}

/** Our own files are given the verifier of the password, so that the server never sees the password itself. */
function variablesOf({ effect, isTolerant }: Script, { password, supabaseDatabase }: Settings): Record<string, string> {
  if (effect === undefined || isTolerant) return {};
  const verifier =
    password !== undefined && effect === '01-roles.sql' ? { password_verifier: scramVerifier(password) } : {};
  return { supabase_database: supabaseDatabase, ...verifier };
}

/** Foreign scripts find what the seed promises them; of ours, each only what it needs. */
function environmentOf(
  { effect, isTolerant }: Script,
  { config, settings, env }: Pick<ApplyContext, 'config' | 'settings' | 'env'>,
): NodeJS.ProcessEnv {
  const { owner, password, jwtSecret, jwtExp, jwtSecretInDatabase } = settings;
  const isForeign = effect === undefined || isTolerant;
  const given = {
    // Upstream's files have no other name for who is to own things.
    POSTGRES_USER: owner ?? (isTolerant ? config.user : undefined),
    POSTGRES_PASSWORD: isForeign ? password : undefined,
    JWT_SECRET: isForeign || jwtSecretInDatabase ? jwtSecret : undefined,
    JWT_EXP: jwtExp,
    JWT_SECRET_IN_DATABASE: jwtSecretInDatabase ? 'on' : undefined,
  };
  const rest = Object.entries(env).filter(([name]) => !settingVariables.some((one) => one === name));
  return Object.fromEntries([...rest, ...Object.entries(given)].filter(([, value]) => value !== undefined));
}

function warningOf({ M: message = '', H: hint }: ServerMessage): string {
  return hint === undefined ? message : `${message} (${hint})`;
}
