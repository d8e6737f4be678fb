import { isDeepStrictEqual } from 'node:util';
import { quoteIdentifier, quoteLiteral } from '../../sql/quote.js';
import type { Settings, SettingValue } from '../spec/types.js';
import type { Step } from './item.js';

/**
 * Steps that give settings the wished values.
 * @param of who or what the settings belong to, for people
 * @param alter the statement up to SET
 */
export function settingSteps(
  wanted: Settings,
  found: ReadonlyMap<string, string> | undefined,
  of: string,
  alter: string,
): Step[] {
  return [...wanted]
    .filter(([name, value]) => !isSet(value, storedValue(found, name)))
    .map(([name, value]) => ({
      action: 'change',
      summary: `set ${name} of ${of} to ${shownValue(value)}`,
      sql: `${alter} SET ${name.split('.').map(quoteIdentifier).join('.')} = ${sqlOf(value)}`,
    }));
}

/** The server keeps a setting under its own spelling of the name, `DateStyle`. */
function storedValue(found: ReadonlyMap<string, string> | undefined, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return [...(found ?? [])].find(([key]) => key.toLowerCase() === wanted)?.[1];
}

function isSet(wanted: SettingValue, found: string | undefined): boolean {
  if (found === undefined) return false;
  return typeof wanted === 'string' ? wanted === found : isDeepStrictEqual(readList(found), wanted);
}

/** Reads a list as the server keeps it: `"$user", public` (flatten_set_variable_args). An empty list is kept as one empty name. */
function readList(stored: string): readonly string[] {
  const names = [...stored.matchAll(/"((?:[^"]|"")*)"|([^,\s]+)/g)];
  const read = names.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
  return read.length === 1 && read[0] === '' ? [] : read;
}

function sqlOf(value: SettingValue): string {
  if (typeof value === 'string') return quoteLiteral(value);
  return value.length === 0 ? "''" : value.map(quoteLiteral).join(', ');
}

function shownValue(value: SettingValue): string {
  return typeof value === 'string' ? shownWord(value) : value.map(shownWord).join(', ');
}

function shownWord(word: string): string {
  return /^[^\s"\p{C}]+$/u.test(word) ? word : JSON.stringify(word);
}
