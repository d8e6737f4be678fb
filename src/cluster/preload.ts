import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { ExitCode, UserError } from '../errors.js';
import type { Binaries } from './binaries.js';
import type { ClusterSettings } from './settings.js';

const suffixes = ['', '.so', '.dylib'];

export interface Preload {
  readonly libraries: readonly string[];
  /** Why a default library is left out; undefined when none is. */
  readonly warning: string | undefined;
}

/**
 * The libraries to preload. Those that the user asked for must be there; the default is left out, with a warning, when it is not.
 * @throws UserError (127) that names every missing library.
 */
export function availablePreload({ libraries, explicit }: ClusterSettings['preload'], binaries: Binaries): Preload {
  const directory = libraryDirectory(binaries);
  const missing = directory === undefined ? [] : libraries.filter((library) => !isInstalled(library, directory));
  if (missing.length === 0) return { libraries, warning: undefined };
  if (explicit) throw notInstalled(missing, binaries);
  return {
    libraries: libraries.filter((library) => !missing.includes(library)),
    warning: `${missing.join(', ')} is not installed for PostgreSQL ${binaries.version}, so it is not preloaded`,
  };
}

/** pg_config is often not installed with the server; `$libdir` is where the language that every server has lies. */
function libraryDirectory({ binDir }: Binaries): string | undefined {
  const candidates = ['lib/postgresql', 'lib', 'lib64/pgsql', 'lib64', 'lib64/postgresql', 'lib/pgsql'];
  const directories = candidates.map((candidate) => join(binDir, '..', candidate));
  return directories.find((directory) => suffixes.some((suffix) => existsSync(join(directory, `plpgsql${suffix}`))));
}

function isInstalled(library: string, directory: string): boolean {
  const path = isAbsolute(library) ? library : join(directory, library.replace(/^\$libdir\//, ''));
  return suffixes.some((suffix) => existsSync(path + suffix));
}

function notInstalled(missing: readonly string[], { binDir, version }: Binaries): UserError {
  return new UserError(
    `PG_SHARED_PRELOAD_LIBRARIES names ${missing.join(', ')}, not installed for PostgreSQL ${version} (${binDir})`,
    {
      exitCode: ExitCode.missingDependency,
      hint: 'Install it, choose a server that has it with PG_BIN_DIR, or set PG_SHARED_PRELOAD_LIBRARIES without it (empty for none).',
    },
  );
}
