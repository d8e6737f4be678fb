import { readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, join, normalize, relative, resolve } from 'node:path';
import { ScriptFile } from './file.js';
import { type FileStatus, runLines } from './loop.js';
import { type Place, stackOf } from './place.js';
import type { ScriptSession } from './session.js';
import { bytesOf, fileBytes, ReadFailure, ScriptSource } from './source.js';
import { systemMessage } from './system-error.js';
import { expandTilde } from './target.js';

/** A chain of files that include one another is cut off here; psql runs until the system has no more file handles. */
const deepestInclude = 400;

/**
 * Runs a file as `\i` and `-f` do; `-` is standard input. Relative names start at the working directory or, with `besideIncluder`,
 * at the directory of the file being read (`\ir`). A file that cannot be read is reported and gives status 1.
 */
export async function includeFile(session: ScriptSession, name: string, besideIncluder = false): Promise<FileStatus> {
  const place = session.place;
  if (name === '-') return runNested(session, '<stdin>', session.standardInput);
  const opened = nameToOpen(session, expandTilde(name, session.system.env), besideIncluder);
  const refusal = refuseInclude(session, opened, place);
  return refusal === undefined ? runOpened(session, opened) : refuse(session, refusal);
}

/** What is under way comes first, and may stop the script before this does. */
async function refuse(session: ScriptSession, text: string): Promise<FileStatus> {
  if (!(await session.ahead.conclude()) && session.settings.onErrorStop) return 3;
  session.report('error', text);
  return 1;
}

async function runOpened(session: ScriptSession, name: string): Promise<FileStatus> {
  let script: OpenScript;
  try {
    script = await openScript(name === '' ? name : resolve(session.system.cwd, name));
  } catch (error) {
    return refuse(session, `${name}: ${systemMessage(error)}`);
  }
  try {
    return await runNested(session, name, script.source);
  } finally {
    await script.close();
  }
}

interface OpenScript {
  readonly source: ScriptSource;
  close(): Promise<void>;
}

async function openScript(path: string): Promise<OpenScript> {
  const small = readSmallFile(path);
  if (small !== undefined) return { source: new ScriptSource(bytesOf(small)), close: async () => undefined };
  const handle = await open(path);
  return { source: new ScriptSource(fileBytes(handle)), close: () => handle.close() };
}

/**
 * A small file is read at once and whole: where hundreds are included, waiting for each to be opened, read and closed takes longer than
 * that takes. Undefined for a large one, and for what may have to be waited for.
 */
function readSmallFile(path: string): Buffer | undefined {
  const found = statSync(path);
  return found.isFile() && found.size > 0 && found.size <= smallFile ? readFileSync(path) : undefined;
}

const smallFile = 1 << 16;

/** Runs a source under a name, or none: then messages are terse. */
export async function runNested(
  session: ScriptSession,
  name: string | undefined,
  source: ScriptSource,
): Promise<FileStatus> {
  const includer = session.file;
  const includedFrom = includer === undefined ? undefined : session.place;
  const file = new ScriptFile(session, { name, includedFrom, isTakenOver: includer?.takesOver ?? false, source });
  session.file = file;
  session.log.terse = name === undefined;
  session.events.file?.(stackOf(session.place));
  try {
    return await runLines(session, file, source);
  } catch (error) {
    if (!(error instanceof ReadFailure)) throw error;
    return await refuse(session, `could not read from input file: ${error.message}`);
  } finally {
    session.file = includer;
    session.log.terse = includer?.name === undefined;
  }
}

/** `\ir` joins the name to the directory part of the name that the including file was opened by. */
function nameToOpen({ file }: ScriptSession, name: string, besideIncluder: boolean): string {
  if (!besideIncluder || isAbsolute(name) || file?.name === undefined) return canonicalPath(name);
  const directory = file.name.slice(0, file.name.lastIndexOf('/') + 1);
  return canonicalPath(join(directory, name));
}

/** A name as psql opens it and shows it in messages: without `.`, `name/..` and slashes too many (path.c, canonicalize_path). */
function canonicalPath(name: string): string {
  return name === '' ? '' : normalize(name).replace(/(?<=.)\/$/, '');
}

function refuseInclude({ options, system }: ScriptSession, name: string, place: Place): string | undefined {
  const { restricted } = options;
  const root = typeof restricted === 'object' ? restricted.includeRoot : undefined;
  if (
    restricted &&
    place.file !== undefined &&
    (root === undefined || leaves(resolve(root), resolve(system.cwd, name)))
  ) {
    return `${name}: a restricted script may not include files${root === undefined ? '' : ` from outside ${root}`}`;
  }
  const stack = stackOf(place);
  if (stack.length < deepestInclude) return undefined;
  const chain = stack.slice(-8).map(({ file, line }) => `${file}:${line}`);
  return `${name}: files are nested ${deepestInclude} deep; do they include one another? … ${chain.join(' > ')} > ${name}`;
}

function leaves(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '..' || way.startsWith('../') || isAbsolute(way);
}
