import { field, isRecord, textField } from './body.js';
import type { VaultAnswer } from './client.js';
import type { EngineVersion } from './engine.js';

/** What lies at a path: the key-value pairs, or why there are none. */
export type KvEntry =
  | { readonly state: 'found'; readonly data: Readonly<Record<string, unknown>>; readonly version: number | undefined }
  | { readonly state: 'missing'; readonly engine: EngineVersion }
  /** The newest version is deleted or destroyed, which `words` say. */
  | { readonly state: 'deleted'; readonly words: string };

/** Reads the answer to GET <mount>/data/<path>; undefined for one that is no KV 2 engine's. */
export function entryOfKv2({ status, body }: VaultAnswer): KvEntry | undefined {
  const [data, metadata] = [field(body, 'data', 'data'), field(body, 'data', 'metadata')];
  const version = field(metadata, 'version');
  if (!isRecord(metadata) || typeof version !== 'number') {
    return status === 404 ? { state: 'missing', engine: 'unknown' } : undefined;
  }
  // a deletion time may lie ahead: what counts is whether the data came
  if (isRecord(data)) return { state: 'found', data, version };
  if (metadata.destroyed === true) return { state: 'deleted', words: `version ${version} is destroyed` };
  return { state: 'deleted', words: `version ${version} was deleted at ${textField(metadata, 'deletion_time')}` };
}

/** Reads the answer to GET <mount>/<path>, to which a KV 2 engine says 404 with a warning. */
export function entryOfKv1({ status, body }: VaultAnswer): KvEntry | undefined {
  const data = field(body, 'data');
  if (status !== 404) return isRecord(data) ? { state: 'found', data, version: undefined } : undefined;
  const warnings = field(body, 'warnings');
  const isVersioned = Array.isArray(warnings) && warnings.some((warning) => /versioned K\/V/i.test(String(warning)));
  return { state: 'missing', engine: isVersioned ? 2 : 'unknown' };
}
