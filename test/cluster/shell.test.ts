import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bin, type Ended, query, runProgram, urlOf, withDirectory, withWorkingDir } from '../support/cluster.js';

const file = join(bin, 'postgres-init');
const shells = ['dash', 'bash', 'bash --posix', 'zsh', 'sh', 'ksh', 'busybox sh'].map((line) => line.split(' '));

function absent([name = '']: readonly string[]): string | false {
  return spawnSync(name, ['-c', ':']).error === undefined ? false : `${name} is not installed`;
}

function run(shell: readonly string[], script: string, env: NodeJS.ProcessEnv, cwd?: string): Promise<Ended> {
  const [name = 'sh', ...options] = shell;
  const path = `${bin}:${process.env.PATH}`;
  return runProgram(name, [...options, '-c', script], { env: { PATH: path, INIT: file, ...env }, ...(cwd && { cwd }) });
}

/** Shows everything that a sourced file could change in a shell, but the six variables, and what every command changes. */
const snapshot = `snapshot() {
  { set; alias; trap; set +o; typeset -f; export -p; pwd; umask; } 2>/dev/null |
    grep -Ev '(POSTGRESQL_(HOST|PORT|USER|DATABASE)|PGURL|MINE_URL)=' |
    grep -Ev '^(typeset -x |export |declare -x )?(_|code|BASH_[A-Z]+|PIPESTATUS|LINENO|S?RANDOM|SECONDS|EPOCH[A-Z]*|TTYIDLE|status|FUNCNAME|.*HISTCMD)='
}`;

for (const shell of shells) {
  const options = { skip: absent(shell) };
  const name = shell.join(' ');

  test(`sourced by ${name}: six exports, status 0, and no other trace, whatever the shell's settings`, options, () =>
    withWorkingDir(async (dir) => {
      const script = `
        ${snapshot}
        set -eu; set -o noclobber; set -o noglob; IFS=/p; set -- deploy --unknown
        trap 'echo bye' EXIT
        alias printf='echo no' ls=false node=false sed=false eval=false export=false
        snapshot > "$OUT.before"
        . "$INIT"
        code=$?
        snapshot > "$OUT.after"
        diff "$OUT.before" "$OUT.after" || :
        env | grep -E '^(POSTGRESQL|PGURL|MINE)' | sort
        echo "$code $1 $2"`;
      const ended = await run(shell, script, { PG_WORKING_DIR: dir, PG_URL_VAR: 'MINE_URL', OUT: `${dir}.env` });
      const url = await urlOf(dir);
      assert.deepEqual(ended.stdout.split('\n'), [
        `MINE_URL=${url}`,
        `PGURL=${url}`,
        'POSTGRESQL_DATABASE=testdb',
        `POSTGRESQL_HOST=${await realpath(join(dir, 'sock'))}`,
        'POSTGRESQL_PORT=5432',
        `POSTGRESQL_USER=${userInfo().username}`,
        '0 deploy --unknown',
        'bye',
        '',
      ]);
      assert.equal(ended.stderr.replaceAll(/^postgres-init: .*\n/gm, ''), '');
    }),
  );

  test(`sourced by ${name} in a script, by PATH, and by a symbolic link, it finds itself`, options, () =>
    withWorkingDir(async (dir) => {
      await mkdir(dir);
      await symlink(file, join(dir, 'postgres-init'));
      await writeFile(join(dir, 'dev'), '. postgres-init; . ./postgres-init --reuse; echo "$PGURL"');
      const ended = await run(shell, `${name} ./dev`, { PG_WORKING_DIR: dir }, dir);
      assert.equal(ended.status, 0, ended.stderr);
      await query(ended.stdout.trim(), 'SELECT 1');
    }),
  );

  test(`sourced by ${name}, a failure is a status, and the shell goes on`, options, async () => {
    const ended = await run(shell, `. "$INIT" || echo "status $?"; echo "\${PGURL-unset}"`, {
      PG_WORKING_DIR: '/',
      PG_URL_VAR: '1x',
    });
    assert.equal(ended.stdout, 'status 1\nunset\n');
    assert.match(ended.stderr, /error: PG_URL_VAR is '1x', which is not a name for a variable/);
  });

  test(`executed by ${name}, it prints the URL and passes its arguments on`, options, () =>
    withWorkingDir(async (dir) => {
      const [program = '', ...more] = shell;
      const ended = await runProgram(program, [...more, file, '--reuse'], { env: { PG_WORKING_DIR: dir } });
      await query(ended.stdout.trim(), 'SELECT 1');
      const wrong = await runProgram(program, [...more, file, '--no such'], { env: { PG_WORKING_DIR: dir } });
      assert.equal(wrong.status, 9, wrong.stderr);
    }),
  );
}

test('executed by a link of npm, help goes to stdout', () =>
  withDirectory(async (directory) => {
    await symlink(file, join(directory, 'postgres-init'));
    const ended = await runProgram(join(directory, 'postgres-init'), ['--help']);
    assert.match(ended.stdout, /^Usage: postgres-init/);
    assert.equal(ended.status, 0);
    const cleanup = await runProgram(join(bin, 'postgres-cleanup'), ['-h']);
    assert.match(cleanup.stdout, /^Usage: postgres-cleanup/);
  }));

test('an argument that is not known ends with status 9, and nothing is started', () =>
  withWorkingDir(async (dir) => {
    for (const program of ['postgres-init', 'postgres-cleanup']) {
      const ended = await runProgram(join(bin, program), ['now'], { env: { PG_WORKING_DIR: dir } });
      assert.equal(ended.status, 9, program);
    }
  }));

test('in a checkout that is not built, it says how to build it', () =>
  withDirectory(async (directory) => {
    await mkdir(join(directory, 'bin'));
    await copyFile(file, join(directory, 'bin', 'postgres-init'));
    for (const script of ['. ./bin/postgres-init', './bin/postgres-init']) {
      const ended = await runProgram('sh', ['-c', `${script}; echo "status $?"`], { cwd: directory });
      assert.equal(ended.stdout, 'status 127\n');
      assert.match(ended.stderr, / is not built: run npm ci/);
    }
  }));

for (const name of ['it\'s a "place" & more; $HOME `id`', 'Größe 漢字', 'a%20b?c=d&e#f', 'comma, separated']) {
  test(`a path works with ${name} in it, for the cluster and for the program itself`, () =>
    withDirectory(async (directory) => {
      const place = join(directory, name);
      await cp(join(bin, '..', 'dist', 'src'), join(place, 'dist', 'src'), { recursive: true });
      await mkdir(join(place, 'bin'));
      await copyFile(file, join(place, 'bin', 'postgres-init'));
      await copyFile(join(bin, '..', 'package.json'), join(place, 'package.json'));
      await symlink(join(bin, '..', 'node_modules'), join(place, 'node_modules'));
      const script = '. ./bin/postgres-init && printf "%s\\n" "$PGURL"; ./bin/postgres-init --reuse';
      for (const shell of ['dash', 'bash', 'zsh'].filter((one) => !absent([one]))) {
        const ended = await runProgram(shell, ['-c', script], {
          cwd: place,
          env: { PG_WORKING_DIR: join(place, 'cluster') },
        });
        assert.equal(ended.status, 0, ended.stderr);
        const [url = '', again] = ended.stdout.split('\n');
        assert.equal(url, again);
        await query(url, 'SELECT 1');
        const psql = await runProgram('psql', [url, '-Atc', 'SELECT 1']).catch(() => undefined);
        assert.equal(psql?.stdout ?? '1\n', '1\n', psql?.stderr);
      }
      assert.match(await readFile(join(place, 'cluster', 'data', 'PG_VERSION'), 'utf8'), /\d+/);
      await runProgram(join(bin, 'postgres-cleanup'), [], { env: { PG_WORKING_DIR: join(place, 'cluster') } });
    }));
}
