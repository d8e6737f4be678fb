import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../support/cli.js';

const commands = [
  'deploy',
  'init',
  'hydrate',
  'patch',
  'check',
  'test',
  'log',
  'status',
  'migrator',
  'backup',
  'restore',
  'normalize-backup',
  'cleanup',
];

test('database --help lists the subcommands and the global flags on standard output', async () => {
  const { status, stdout, stderr } = await run('database', ['--help']);
  assert.equal(status, 0);
  assert.equal(stderr, '');
  for (const name of commands) assert.match(stdout, new RegExp(`^  ${name}\\b`, 'm'));
  assert.match(stdout, /-u, --url <url>/);
});

test('database without arguments shows the help and ends with status 1', async () => {
  const { status, stdout } = await run('database', []);
  assert.equal(status, 1);
  assert.match(stdout, /Usage: database/);
});

const refusals: readonly [name: string, argv: string[], status: number, stderr: RegExp][] = [
  ['an unknown subcommand', ['deplyo'], 9, /unknown command 'deplyo'.*Did you mean deploy/],
  ['an unknown global flag', ['--nope'], 9, /unknown option '--nope'/],
  ['an unknown flag of a subcommand', ['deploy', '--nope'], 9, /unknown option '--nope'/],
  ['an argument too many', ['cleanup', 'x'], 9, /too many arguments/],
  ['a flag without its value', ['hydrate', '--url'], 3, /argument missing/],
  ['a bad number of jobs', ['test', '--jobs', '0'], 1, /whole number from 1/],
  ['a project without LOCAL_DIR', ['hydrate'], 3, /LOCAL_DIR is not set[\s\S]*hint: .*export LOCAL_DIR/],
  ['a subcommand that is not built yet', ['pull_staging', '--anything'], 1, /'pull_staging' is not built yet/],
];

for (const [name, argv, expected, message] of refusals) {
  test(`${name} is refused: database ${argv.join(' ')}`, async () => {
    const { status, stdout, stderr } = await run('database', argv);
    assert.match(stderr, message);
    assert.equal(status, expected);
    assert.equal(stdout, '');
  });
}

test('slipway names its jobs and hands over to them', async () => {
  const help = await run('slipway', ['--help']);
  assert.match(help.stdout, /^ {2}database\b/m);
  const nested = await run('slipway', ['database', '--help']);
  assert.match(nested.stdout, /Usage: database/);
  const unknown = await run('slipway', ['nope']);
  assert.equal(unknown.status, 9);
});
