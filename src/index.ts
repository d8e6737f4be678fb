/** Slipway as a library: psql's script language on a connection, without psql, and the hectic bundle. */

export { UserError } from './errors.js';
export { applyBundle, type BundleOutcome, bundleStatus } from './hectic/apply.js';
export { type BundleFile, type BundleFileName, bundleFiles, bundleVersion } from './hectic/bundle.js';
export { ensureSecretKey } from './hectic/key-file.js';
export { loadSecrets } from './hectic/secrets.js';
export { type ConnectionConfig, type ConnectionSource, resolveConnection } from './postgres/config.js';
export { ConnectionError } from './postgres/errors.js';
export { describe, type ScriptError, type ScriptPlace } from './script/errors.js';
export type { ScriptEvents, SessionOptions } from './script/options.js';
export type { Result } from './script/results.js';
export { runScript, type Script, type ScriptOptions, type ScriptOutcome, withSession } from './script/run.js';
export type { ScriptSession } from './script/session.js';
