import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './support/cli.js';
import { query, runProgram, withDirectory } from './support/cluster.js';

/** What npm says of the tarball it made. */
interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const executables = ['database', 'db-ops', 'migrator', 'postgres-cleanup', 'postgres-init', 'slipway'];

/** Makes the tarball without the scripts of `prepare`: they would build anew under the tests that run at the same time. */
async function pack(directory: string): Promise<Packed> {
  const args = ['pack', '--json', '--ignore-scripts', '--silent', '--pack-destination', directory];
  const { stdout, stderr, status } = await runProgram('npm', args, { cwd: root });
  assert.equal(status, 0, stderr);
  const [packed] = JSON.parse(stdout) as [Packed];
  return packed;
}

/** The package in a node_modules of its own, beside the dependencies that are installed here. */
async function install(directory: string): Promise<Packed> {
  const packed = await pack(directory);
  const modules = join(directory, 'node_modules');
  await mkdir(join(modules, 'slipway'), { recursive: true });
  await mkdir(join(modules, '.bin'));
  const unpack = ['-xzf', packed.filename, '-C', 'node_modules/slipway', '--strip-components=1'];
  assert.equal((await runProgram('tar', unpack, { cwd: directory })).status, 0);
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of executables) await symlink(`../slipway/bin/${name}`, join(modules, '.bin', name));
  return packed;
}

test('the package that npm packs works where it is installed', (t) =>
  withDirectory(async (directory) => {
    const { files } = await install(directory);
    const command = (name: string) => join(directory, 'node_modules', '.bin', name);

    await t.test('it holds what users need, and no tests', () => {
      const own = files.filter(({ path }) => !path.startsWith('node_modules/@electric-sql/pglite-tools/'));
      const strange = own.filter(({ path }) => !/^((bin|dist\/src|sql|schema|docs)\/|[\w.]+$)/.test(path));
      const tests = own.filter(({ path }) => /\.test\./.test(path));
      assert.deepEqual([strange, tests], [[], []]);
      const paths = files.map(({ path }) => path);
      for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs/cli.md', 'dist/src/index.d.ts']) {
        assert.ok(paths.includes(name), name);
      }
    });

    await t.test('every executable runs by its link', async () => {
      for (const name of executables) {
        const { status, stdout, stderr } = await runProgram(command(name), ['--help']);
        assert.match(stdout, new RegExp(`^Usage: ${name}`));
        assert.equal(status, 0, stderr);
      }
    });

    await t.test('the SQL files of the bundle are in it', async () => {
      const { stdout } = await runProgram(command('slipway'), ['hectic', 'paths']);
      const paths = stdout.trim().split('\n');
      assert.equal(paths.length, 4);
      for (const path of paths) assert.ok(path.startsWith(`${directory}/`) && existsSync(path), path);
    });

    await t.test('it can be imported', async () => {
      const program = "import('slipway').then(({ runScript }) => console.log(typeof runScript))";
      const { stdout } = await runProgram(process.execPath, ['-e', program], { cwd: directory });
      assert.equal(stdout, 'function\n');
    });

    for (const shell of ['dash', 'bash', 'zsh']) {
      const skip = spawnSync(shell, ['-c', ':']).error === undefined ? false : `${shell} is not installed`;
      await t.test(`its postgres-init can be sourced by ${shell}`, { skip }, async () => {
        const env = { PG_WORKING_DIR: join(directory, shell), INIT: command('postgres-init') };
        const { stdout, stderr } = await runProgram(shell, ['-c', '. "$INIT" && printf "%s" "$PGURL"'], { env });
        try {
          assert.equal(await query(stdout, 'SELECT current_database()'), 'testdb', stderr);
        } finally {
          assert.equal((await runProgram(command('postgres-cleanup'), [], { env })).status, 0);
        }
      });
    }
  }));
