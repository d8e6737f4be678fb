import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { systemMessage } from '../script/system-error.js';
import { expandTilde } from '../script/target.js';
import type { SourceFile, Variables } from './migration.js';
import { type ScanItem, scanScript } from './scan.js';

/** What reading a migration needs to know besides its files. */
export interface Surroundings {
  /** The migration directory, absolute. */
  readonly directory: string;
  /** Where the names of `\i` start. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly variables: Variables;
}

/** A script's files cannot all be told or read. `place` is the file and line at fault, with the files around it. */
export class SourceFault extends Error {
  override name = 'SourceFault';
  constructor(
    readonly place: string,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** A path as people see it. */
export function shownPath(path: string, directory: string): string {
  const short = relative(directory, path);
  return short.startsWith('..') || isAbsolute(short) ? path : short;
}

/** Hundreds of small files are read one after the other, which takes a tenth of the time without a thread for each. */
export async function readSource(path: string, directory: string): Promise<SourceFile> {
  return { path, name: shownPath(path, directory), bytes: readFileSync(path) };
}

/** The entry and all that it includes, in the order of mention. Throws a SourceFault for the first that cannot be read or told. */
export async function readIncludes(
  entry: SourceFile,
  surroundings: Surroundings,
  line = 1,
): Promise<[SourceFile, ...SourceFile[]]> {
  if (!mayInclude(entry)) return [entry];
  const reading = new Reading(surroundings);
  await reading.follow(entry, [{ file: entry, line, offset: line - 1 }]);
  return [entry, ...reading.included];
}

/** Scanning is slow for a large file of data, which has no `\i` in it. */
function mayInclude({ bytes }: SourceFile): boolean {
  return bytes.includes('\\i') && /\\i(?:r|nclude|nclude_relative)?\b/.test(bytes.toString('latin1'));
}

interface OpenSource {
  readonly file: SourceFile;
  /** The line that is being read. */
  line: number;
  /** Lines of the file before its text, for a section of a flat file. */
  readonly offset: number;
}

class Reading {
  readonly included: SourceFile[] = [];
  readonly #surroundings: Surroundings;
  readonly #variables: Map<string, string>;
  #cwd: string;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#variables = new Map(Object.entries(surroundings.variables));
    this.#cwd = surroundings.cwd;
  }

  async follow(file: SourceFile, stack: OpenSource[]): Promise<void> {
    const scope = {
      variables: this.#variables,
      cd: (directory: string) => {
        this.#cwd = resolve(this.#cwd, directory);
      },
    };
    const open = stack.at(-1);
    for await (const item of scanScript(file.bytes.toString('utf8'), scope)) {
      if (item.kind !== 'include' || open === undefined) continue;
      open.line = item.line + open.offset;
      await this.#include(item, file, stack);
    }
  }

  async #include(item: ScanItem & { kind: 'include' }, from: SourceFile, stack: OpenSource[]): Promise<void> {
    if (item.name === undefined) {
      throw this.#fault(stack, `it cannot be told which file is included: ${item.reason}`, unknownHint);
    }
    const name = expandTilde(item.name, this.#surroundings.env);
    const path = resolve(item.relative ? dirname(from.path) : this.#cwd, name);
    if (name === '-') throw this.#fault(stack, 'a migration cannot include standard input');
    if (stack.some(({ file }) => file.path === path)) throw this.#fault(stack, `${item.name} includes itself`);
    const file = await readSource(path, this.#surroundings.directory).catch((error: unknown) => {
      const hint = item.relative || isAbsolute(name) ? undefined : relativeHint;
      throw this.#fault(stack, `cannot read ${item.name}: ${systemMessage(error)}`, hint);
    });
    this.included.push(file);
    if (mayInclude(file)) await this.follow(file, [...stack, { file, line: 1, offset: 0 }]);
  }

  #fault(stack: readonly OpenSource[], message: string, hint?: string): SourceFault {
    const [innermost = '', ...around] = stack.map(({ file, line }) => `${file.name}:${line}`).reverse();
    return new SourceFault(innermost, [message, ...around.map((place) => `included from ${place}`)].join(', '), hint);
  }
}

const relativeHint =
  "the name behind \\i starts at the current directory, the one behind \\ir at the including file's directory";
const unknownHint = 'give the variable with --set NAME=VALUE, or write the name of the file itself: the hash covers it';
