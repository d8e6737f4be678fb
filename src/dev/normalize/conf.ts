import { type Conf, confText, freshConf } from '../../cluster/conf.js';

/**
 * Settings of a production server that its data, or what queries answer, depends on. All others say how and where that server runs: paths,
 * addresses, certificates, archiving, replication, memory.
 */
const carried: ReadonlySet<string> = new Set([
  'backslash_quote',
  'bytea_output',
  'datestyle',
  'default_text_search_config',
  'extra_float_digits',
  'intervalstyle',
  'max_connections',
  'max_locks_per_transaction',
  'max_prepared_transactions',
  'max_worker_processes',
  'quote_all_identifiers',
  'standard_conforming_strings',
  'timezone',
  'transform_null_equals',
  'xmlbinary',
  'xmloption',
]);

/** A copy that runs here must not apply what the production server's publishers send. */
const quiet: Conf = { max_logical_replication_workers: '0' };

export interface LocalConf {
  /** Text of the new postgresql.conf. */
  readonly text: string;
  /** Libraries that the production server preloads, installed here or not. */
  readonly preload: readonly string[];
}

/** The configuration of a local copy: ours for development, with what the data depends on of the production server's own. */
export function localConf(main: string, auto: string): LocalConf {
  const settings = new Map([...parseConf(main), ...parseConf(auto)]);
  const kept = [...settings].filter(([name]) => carried.has(name));
  const preload = (settings.get('shared_preload_libraries') ?? '')
    .split(',')
    .map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
  return {
    text: freshConf(confText({ ...Object.fromEntries(kept), ...quiet }), undefined),
    preload: preload.filter((name) => name !== ''),
  };
}

/** Name, equals sign or blank, and a value in single quotes or without (guc-file.l). Includes name files that a backup does not hold. */
const line = /^\s*([A-Za-z_][\w$.]*)\s*(?:=\s*|\s+)(?:'((?:[^'\\]|''|\\.)*)'|([^\s'#]+))\s*(?:#.*)?$/;

/** Settings by lower-case name, the last one of a name. Lines that are no settings are left out. */
export function parseConf(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const one of text.split('\n')) {
    const match = line.exec(one);
    if (match === null) continue;
    const [, name = '', quoted, bare = ''] = match;
    settings.set(
      name.toLowerCase(),
      quoted === undefined ? bare : quoted.replaceAll("''", "'").replace(/\\(.)/g, '$1'),
    );
  }
  return settings;
}
