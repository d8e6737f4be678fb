import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, ExitCode, messageOf, UserError } from '../../errors.js';
import { orders, type UpstreamName, upstreamName } from './names.js';

/** Upstream's files as they were found, and where that was. */
export interface Found {
  /** The directory, archive or address, as it goes into the lock file. */
  readonly origin: string;
  readonly files: ReadonlyMap<UpstreamName, Buffer>;
}

/** Where the files of a version are, unless a mirror is named. */
export const upstreamAddress = 'https://raw.githubusercontent.com/supabase/supabase';

/** What upstream keeps the files in. */
const folder = 'docker/volumes/db';

export interface SourceOptions {
  /** Instead of `upstreamAddress`; `/VERSION/docker/volumes/db/NAME` is put behind it. */
  readonly mirror?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads upstream's files from a directory (a checkout, or the files themselves), from a tar archive, compressed by gzip or not, or, for
 * anything that is neither, as the version of that name from the network. Throws a UserError when there is none.
 */
export async function readUpstream(source: string, options: SourceOptions = {}): Promise<Found> {
  const kind = await stat(source).catch(ignoreAbsence);
  const found = await (kind === undefined
    ? fromNetwork(source, options)
    : kind.isDirectory()
      ? fromDirectory(source)
      : fromArchive(source));
  if (found.files.size > 0) return found;
  throw new UserError(`${found.origin} holds none of Supabase's files`, {
    exitCode: ExitCode.notFound,
    hint: `looked for ${orders.seed.join(', ')}, in ${folder} or at its top`,
  });
}

async function fromDirectory(origin: string): Promise<Found> {
  const inner = join(origin, folder);
  const directory = (await stat(inner).catch(ignoreAbsence))?.isDirectory() ? inner : origin;
  const files = new Map<UpstreamName, Buffer>();
  for (const base of (await readdir(directory)).sort()) {
    const name = upstreamName(base);
    if (name !== undefined) files.set(name, await readFile(join(directory, base)));
  }
  return { origin, files };
}

async function fromArchive(origin: string): Promise<Found> {
  const { Parser } = await import('tar/parse');
  const files = new Map<UpstreamName, Buffer>();
  const parser = new Parser({
    strict: true,
    filter: (path) => upstreamName(path) !== undefined && (path.includes(`${folder}/`) || !path.includes('/volumes/')),
    onReadEntry: (entry) => {
      const chunks: Buffer[] = [];
      entry.on('data', (bytes: Buffer) => chunks.push(bytes));
      entry.on('end', () => void files.set(upstreamName(entry.path) as UpstreamName, Buffer.concat(chunks)));
    },
  });
  const failures: unknown[] = [];
  const ended = new Promise<void>((resolve) => {
    parser.on('end', () => resolve());
    parser.on('error', (error: unknown) => resolve(void failures.push(error)));
  });
  for await (const bytes of createReadStream(origin)) parser.write(bytes as Buffer);
  parser.end();
  await ended;
  if (failures.length === 0) return { origin, files };
  throw new UserError(`${origin} is not a whole tar archive: ${messageOf(failures[0])}`, { cause: failures[0] });
}

async function fromNetwork(version: string, { mirror = upstreamAddress, signal }: SourceOptions): Promise<Found> {
  const origin = `${mirror.replace(/\/$/, '')}/${version}/${folder}`;
  const files = new Map<UpstreamName, Buffer>();
  for (const name of orders.seed) {
    const bytes = await download(`${origin}/${name}`, signal);
    if (bytes !== undefined) files.set(name, bytes);
  }
  return { origin, files };
}

/** The bytes behind an address; undefined when there is nothing, as in versions that did not have a file yet. */
async function download(address: string, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
  const response = await fetch(address, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    const reason = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    throw new UserError(`cannot fetch ${address}: ${reason}`, {
      hint: 'Without a network, name a directory or a tar archive that holds docker/volumes/db of supabase/supabase.',
      cause: error,
    });
  });
  if (response.status === 404) return undefined;
  if (!response.ok)
    throw new UserError(`cannot fetch ${address}: the answer is ${response.status} ${response.statusText}`);
  return Buffer.from(await response.arrayBuffer());
}

function ignoreAbsence(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
  throw error;
}
