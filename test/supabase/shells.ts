import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Shell } from './pod.js';

/** Where psql itself is: Debian's /usr/bin/psql is a program that looks for it, in Perl. */
export const psqlDirectory: string | undefined = findPsql();

/** Why scripts cannot be run as a pod would, undefined when they can. */
export const podIsImpossible: string | undefined =
  psqlDirectory === undefined ? 'there is no psql 15 or newer on this machine' : undefined;

/** The shell of Debian with Debian's programs. */
export function dash(): Shell {
  return { argv: ['dash'], path: `${psqlDirectory}:/usr/bin:/bin` };
}

/** The shell of Alpine with nothing but BusyBox's programs and psql's, as in the image. `directory` becomes its PATH. */
export async function busybox(directory: string): Promise<Shell> {
  await mkdir(directory);
  const program = spawnSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).stdout.trim();
  const applets = spawnSync(program, ['--list'], { encoding: 'utf8' }).stdout.trim().split('\n');
  for (const applet of applets) await symlink(program, join(directory, applet));
  for (const name of ['psql', 'pg_isready']) await symlink(join(psqlDirectory ?? '', name), join(directory, name));
  return { argv: [join(directory, 'sh')], path: directory };
}

export function isMissing(program: string): string | false {
  return spawnSync(program, ['--help']).error === undefined ? false : `${program} is not installed`;
}

function findPsql(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const majors = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const found = spawnSync('sh', ['-c', 'command -v psql'], { encoding: 'utf8' }).stdout.trim();
  const directories = [...majors.map((major) => join(debian, major, 'bin')), ...(found === '' ? [] : [dirname(found)])];
  return directories.find((directory) => majorOf(join(directory, 'psql')) >= 15);
}

function majorOf(psql: string): number {
  const { stdout, error } = spawnSync(psql, ['--version'], { encoding: 'utf8' });
  return error === undefined ? Number(/ (\d+)/.exec(stdout)?.[1] ?? 0) : 0;
}
