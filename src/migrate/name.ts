import { distance } from 'fastest-levenshtein';

/** A migration's name: 14 digits, a dash, and what can be one component of a path (the domain `hectic.migration_name`). */
const pattern = /^(\d{14})-[^/\u0000-\u001f\u007f]+$/;

/** The 14 digits of a migration's name; undefined when it is none. */
export function timestampOf(name: string): string | undefined {
  return pattern.exec(name)?.[1];
}

/** What is wrong with a name that begins with a digit, in words. */
export function nameFault(name: string): string | undefined {
  if (timestampOf(name) !== undefined) return undefined;
  const digits = /^\d*/.exec(name)?.[0].length ?? 0;
  if (digits !== 14) return `its name begins with ${digits} digits, a migration's with 14 (YYYYMMDDHHMMSS)`;
  if (name.length === 14) return 'nothing follows the 14 digits of its name: it is written YYYYMMDDHHMMSS-name';
  if (name[14] !== '-') return 'a dash has to follow the 14 digits of its name';
  return name.length === 15 ? 'nothing follows the dash in its name' : 'its name holds a control character';
}

/** Names in the order in which migrations run; two of one timestamp never stand in one directory. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A moment, in UTC, as the digits of a name. */
export function timestampAt(moment: Date): string {
  return moment.toISOString().replace(/\D/g, '').slice(0, 14);
}

/** Names that the reader may have meant: those that contain the word, else the ones that differ least, at most five. */
export function nearNames(word: string, names: readonly string[]): readonly string[] {
  const containing = names.filter((name) => name.toLowerCase().includes(word.toLowerCase()));
  if (containing.length > 0) return containing.slice(0, 5);
  const rest = (name: string) => name.replace(/^\d{14}-/, '');
  const distances = new Map(names.map((name) => [name, Math.min(distance(word, name), distance(word, rest(name)))]));
  const near = (name: string) => distances.get(name) ?? 0;
  return [...names].sort((a, b) => near(a) - near(b)).slice(0, 5);
}
