import type { ConnectionConfig } from '../postgres/config.js';
import type { Script } from './files.js';
import { type ServerReport, serverOf } from './init.js';
import { type Observation, observe } from './observe.js';
import { missingFacts } from './plan.js';
import type { Settings } from './settings.js';

export interface FileStatus {
  readonly file: string;
  /** `current`: this text was run last; `changed`: another one; `unknown`: recorded, but not of the files at hand. */
  readonly record: 'current' | 'changed' | 'absent' | 'unknown';
  readonly sha256?: string;
  /** Version of Slipway that ran it. */
  readonly version?: string;
  readonly appliedAt?: Date;
  readonly durationMs?: number;
  /** What should be there because the file was run, and is not. */
  readonly missing: readonly string[];
}

export interface StatusReport {
  readonly server: ServerReport;
  readonly files: readonly FileStatus[];
  /** Every file at hand was run as it is now. */
  readonly isComplete: boolean;
  /** Everything is there that the record says was made. */
  readonly isTrue: boolean;
}

export interface StatusOptions {
  readonly config: ConnectionConfig;
  readonly settings: Settings;
  readonly scripts: readonly Script[];
  readonly signal?: AbortSignal | undefined;
}

/** Compares the files with the record and the record with the catalogs; changes nothing. */
export async function supabaseStatus({ config, settings, scripts, signal }: StatusOptions): Promise<StatusReport> {
  const observation = await observe(config, settings, signal);
  const files = [...scripts.map((script) => statusOf(script, observation, settings)), ...unknown(scripts, observation)];
  return {
    server: serverOf(observation),
    files,
    isComplete: files.every(({ record }) => record === 'current' || record === 'unknown'),
    isTrue: files.every(({ missing }) => missing.length === 0),
  };
}

function statusOf(script: Script, observation: Observation, settings: Settings): FileStatus {
  const entry = observation.ledger?.get(script.name);
  if (entry === undefined) return { file: script.name, record: 'absent', missing: [] };
  const record = entry.sha256 === script.sha256 ? 'current' : 'changed';
  return { ...entry, record, missing: missingFacts(script.effect, observation, settings) };
}

function unknown(scripts: readonly Script[], { ledger }: Observation): FileStatus[] {
  const known = new Set(scripts.map(({ name }) => name));
  return [...(ledger?.values() ?? [])]
    .filter(({ file }) => !known.has(file))
    .map((entry) => ({ ...entry, record: 'unknown', missing: [] }));
}
