import type { ScriptPlace } from './errors.js';

/** A file being read, and the line of its includer that named it. */
export interface OpenFile {
  /** As it was opened; undefined for text without a name. */
  readonly name: string | undefined;
  readonly includedFrom: Place | undefined;
}

/** A line of an open file, as it was when something happened. */
export interface Place {
  readonly file: OpenFile | undefined;
  readonly line: number;
}

/** The place with the files around it, outermost first. */
export function stackOf(place: Place): ScriptPlace[] {
  const { file, line } = place;
  if (file === undefined) return [];
  const outer = file.includedFrom === undefined ? [] : stackOf(file.includedFrom);
  return [...outer, { file: file.name, line }];
}
