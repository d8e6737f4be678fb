import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, ExitCode, UserError } from '../errors.js';
import { type Script, sha256, supabaseFileNames } from './files.js';

/** The scripts of a directory, `*.sql`, in the order of their names, by which the record knows them; what they include is not in their hash. */
export async function extraScripts(directory: string): Promise<readonly Script[]> {
  const names = (await list(directory)).filter((name) => name.endsWith('.sql')).sort();
  if (names.length === 0) {
    throw new UserError(`there is no SQL file in ${directory}`, {
      exitCode: ExitCode.missing,
      hint: '--extra names a directory of scripts (*.sql), which run after the seven, in the order of their names',
    });
  }
  const clash = names.find((name) => supabaseFileNames.some((own) => own === name));
  if (clash !== undefined) {
    throw new UserError(`${join(directory, clash)} has the name of one of the seven files`, {
      exitCode: ExitCode.ambiguous,
      hint: 'Rename it: the record knows a file by its name.',
    });
  }
  return Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      return { name, path, sha256: sha256(await readFile(path)), effect: undefined, isTolerant: false };
    }),
  );
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') {
      throw new UserError(`${directory} is no directory`, { exitCode: ExitCode.notFound, cause: error });
    }
    throw error;
  }
}
