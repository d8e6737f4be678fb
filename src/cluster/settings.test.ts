import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { UserError } from '../errors.js';
import { readClusterSettings } from './settings.js';

const base = { PG_WORKING_DIR: '/w' };

function faultsOf(env: NodeJS.ProcessEnv): { message: string; exitCode: number } {
  try {
    readClusterSettings(env);
  } catch (error) {
    assert.ok(error instanceof UserError);
    return { message: error.message, exitCode: error.exitCode };
  }
  assert.fail('no error');
}

test('defaults are those of the documentation', () => {
  const settings = readClusterSettings({ LOCAL_DIR: '/project', HOME: '/home/me' });
  assert.deepEqual(
    { ...settings, cacheDir: '' },
    {
      workingDir: '/project/focus/postgresql',
      binDir: undefined,
      port: 5432,
      database: 'testdb',
      user: userInfo().username,
      alsoEnsure: undefined,
      reuse: false,
      confFile: undefined,
      preload: { libraries: ['pg_cron'], explicit: false },
      log: { collector: true, directory: undefined, file: undefined },
      osUser: undefined,
      cacheDir: '',
      runtimeDir: '/tmp',
      urlVariable: 'PGURL',
    },
  );
});

test('PG_WORKING_DIR wins over LOCAL_DIR; a relative path starts at the current directory', () => {
  assert.equal(readClusterSettings({ ...base, LOCAL_DIR: '/project' }).workingDir, '/w');
  assert.equal(readClusterSettings({ LOCAL_DIR: '.' }).workingDir, `${process.cwd()}/focus/postgresql`);
});

test('PG_REUSE counts when it is set, even empty', () => {
  assert.equal(readClusterSettings({ ...base, PG_REUSE: '' }).reuse, true);
});

test('PG_SHARED_PRELOAD_LIBRARIES is a list; empty means none', () => {
  const preload = (text: string) => readClusterSettings({ ...base, PG_SHARED_PRELOAD_LIBRARIES: text }).preload;
  assert.deepEqual(preload('a, b,'), { libraries: ['a', 'b'], explicit: true });
  assert.deepEqual(preload(''), { libraries: [], explicit: true });
});

test('PG_LOG_PATH is a directory, or with the ending .log a file', () => {
  assert.deepEqual(readClusterSettings({ ...base, PG_LOG_PATH: '/logs' }).log, {
    collector: true,
    directory: '/logs',
    file: undefined,
  });
  assert.deepEqual(readClusterSettings({ ...base, PG_LOG_PATH: '/logs/a.log', PG_DISABLE_LOGGING: '1' }).log, {
    collector: false,
    directory: '/logs',
    file: 'a.log',
  });
});

test('every fault is named at once', () => {
  const { message, exitCode } = faultsOf({ ...base, PG_PORT: '70000', PG_URL_VAR: 'my-url', PG_OS_USER: 'root' });
  for (const name of ['PG_PORT', 'PG_URL_VAR', 'PG_OS_USER']) assert.match(message, new RegExp(name));
  assert.equal(exitCode, 1);
});

test('a missing directory is status 3', () => {
  assert.deepEqual(faultsOf({ PG_WORKING_DIR: '' }), {
    message: 'neither PG_WORKING_DIR nor LOCAL_DIR is set',
    exitCode: 3,
  });
});

for (const port of ['0', '65536', '5432x', '-1', '1e3', ' 1']) {
  test(`PG_PORT '${port}' is refused`, () => assert.match(faultsOf({ ...base, PG_PORT: port }).message, /not a port/));
}

for (const name of ['1x', 'a b', 'a;b', '$(id)', 'PATH', 'IFS', 'LD_PRELOAD', 'POSTGRESQL_HOST', 'é']) {
  test(`PG_URL_VAR '${name}' is refused`, () =>
    assert.match(faultsOf({ ...base, PG_URL_VAR: name }).message, /PG_URL_VAR/));
}
