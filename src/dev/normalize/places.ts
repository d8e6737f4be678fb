import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ExitCode, UserError } from '../../errors.js';

/** @throws UserError when one of two paths contains the other, or they are the same, links followed. */
export function refuseNesting(input: string, output: string): void {
  const [from, to] = [realPath(input), realPath(output)];
  if (!contains(from, to) && !contains(to, from)) return;
  throw new UserError(`the input ${input} and the output ${output} must not contain one another`, {
    exitCode: ExitCode.ambiguous,
    hint: 'Name another directory with --output.',
  });
}

function contains(outer: string, inner: string): boolean {
  return !/^\.\.(\/|$)/.test(relative(outer, inner));
}

/** The real path of what is there, and of the directory of what is not. */
function realPath(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(realPath(parent), basename(absolute));
}
