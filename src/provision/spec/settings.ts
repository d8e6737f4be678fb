import type { SettingsEntry } from './services-file.js';
import type { Settings, SettingValue } from './types.js';

/** Parameters whose value is a list of quoted names (GUC_LIST_QUOTE in PostgreSQL's guc_tables.c). */
const nameLists: ReadonlySet<string> = new Set([
  'search_path',
  'temp_tablespaces',
  'local_preload_libraries',
  'session_preload_libraries',
  'shared_preload_libraries',
  'unix_socket_directories',
]);

/** Settings as they are sent: numbers and booleans as text, lists of names as lists. */
export function resolveSettings(entry: SettingsEntry = {}): Settings {
  return new Map(Object.entries(entry).map(([name, value]) => [name, settingValue(name.toLowerCase(), value)]));
}

function settingValue(name: string, value: SettingsEntry[string]): SettingValue {
  if (Array.isArray(value)) return nameLists.has(name) ? value : value.join(', ');
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return nameLists.has(name) ? splitNames(String(value)) : String(value);
}

/** `"$user", public` as the server reads it: names between commas, in double quotes or bare. */
function splitNames(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)].map(
    ([bare, quoted]) => quoted?.replaceAll('""', '"') ?? bare,
  );
}
