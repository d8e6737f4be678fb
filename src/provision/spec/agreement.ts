import { isDeepStrictEqual } from 'node:util';
import type { Path } from '../../document/faults.js';
import type { ServiceSpec, Settings } from './types.js';

/** Told of two services that want different things of one object, and of the key of the later one. */
export type Conflict = (later: ServiceSpec, earlier: ServiceSpec, path: Path, object: string) => void;

/** What each service of a group wants of the object that they share. */
export interface Wish<T> {
  readonly service: ServiceSpec;
  readonly wish: T;
}
type Agree<T> = <V>(read: (wish: T) => V | undefined, path: Path) => V | undefined;

/** Finds the one value that the wishes hold; the first one stands where they conflict. */
export function agreement<T>(wishes: readonly Wish<T>[], describe: (wish: T) => string, conflict: Conflict): Agree<T> {
  return (read, path) => {
    const [earlier, ...others] = wishes.filter(({ wish }) => read(wish) !== undefined);
    if (earlier === undefined) return undefined;
    const value = read(earlier.wish);
    for (const { service, wish } of others) {
      if (!isDeepStrictEqual(read(wish), value)) conflict(service, earlier.service, path, describe(wish));
    }
    return value;
  };
}

export function joinSettings<T extends { readonly settings: Settings }>(
  wishes: readonly Wish<T>[],
  agree: Agree<T>,
  path: Path,
): Settings {
  const keys = new Set(wishes.flatMap(({ wish }) => [...wish.settings.keys()]));
  return new Map([...keys].map((key) => [key, agree(({ settings }) => settings.get(key), [...path, key]) ?? '']));
}

export function names<T>(
  wishes: readonly Wish<T>[],
  listOf: (wish: T) => readonly { readonly name: string }[],
): string[] {
  return [...new Set(wishes.flatMap(({ wish }) => listOf(wish).map(({ name }) => name)))];
}

export function find<T extends { readonly name: string }>(list: readonly T[], name: string): T | undefined {
  return list.find((item) => item.name === name);
}
