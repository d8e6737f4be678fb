import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withClient } from '../../src/postgres/client.js';
import { withProject } from '../support/project.js';

const files = { 'db/src/entrypoint.sql': 'SELECT 1;', 'test-data.sql': '' };

test('log lists the logs, and shows one by index, name, unique part or as the newest', () =>
  withProject(files, async (project) => {
    const env = { HYDRATE_LOG: `${project.root}/hydrate.log`, PATCH_LOG: `${project.root}/patch.log` };
    assert.equal((await project.database(['deploy'], env)).status, 0);
    const list = await project.database(['log', 'list'], env);
    assert.equal(list.status, 0);
    const entries = list.stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t') as [string, string]);
    assert.deepEqual(
      entries.map(([index]) => index),
      entries.map((_entry, position) => `${position + 1}`),
    );
    const hydrate = entries.find(([, name]) => name === 'hydrate.log') as [string, string];
    for (const which of [hydrate[0], 'hydrate.log', 'ydrat']) {
      const shown = await project.database(['log', which], env);
      assert.match(shown.stdout, /\(1 row\)/, which);
    }
    const server = await project.database(['log', 'postgresql'], env);
    assert.match(server.stdout, /database system is ready/);
    const ambiguous = await project.database(['log', 'log'], env);
    assert.equal(ambiguous.status, 1);
    assert.match(ambiguous.stderr, /'log' is ambiguous: .*hydrate\.log/);
    assert.equal((await project.database(['log', 'nope'], env)).status, 1);
  }));

test('log says how to get one when there are none', () =>
  withProject(files, async (project) => {
    const { status, stderr } = await project.database(['log']);
    assert.equal(status, 1);
    assert.match(stderr, /there are no logs[\s\S]*database init/);
  }));

test('status tells about cluster, URL, bundle, deployment and sessions, as JSON too', () =>
  withProject(files, async (project) => {
    const stopped = JSON.parse((await project.database(['status', '--json'])).stdout);
    assert.deepEqual([stopped.cluster, stopped.url, stopped.database], [null, null, null]);
    await project.database(['deploy', '--mock']);
    const { stdout } = await project.database(['status', '--json']);
    const report = JSON.parse(stdout);
    assert.equal(report.cluster.url, report.url);
    assert.equal(report.database.bundle.installed, report.database.bundle.shipped);
    assert.deepEqual(report.database.deployed, { hydrated: { hook: true, mock: true }, patched: true });
    assert.deepEqual(report.database.sessions, []);
    await withClient(`${report.url}&application_name=my%20app`, async () => {
      const text = (await project.database(['status'])).stdout;
      assert.match(text, /^cluster: +running \(pid \d+\)/m);
      assert.match(text, /^deployed: +hydrated with mock data, patched$/m);
      assert.match(text, /my app, idle/);
    });
  }));

test('status never prints the password of a URL, and says why a server cannot be reached', () =>
  withProject(files, async (project) => {
    const DB_URL = 'postgresql://ann:tops3cret@127.0.0.1:1/shop';
    for (const argv of [['status'], ['status', '--json'], ['deploy'], ['hydrate'], ['test']]) {
      const { stdout, stderr } = await project.database(argv, { DB_URL });
      assert.doesNotMatch(stdout + stderr, /tops3cret/, argv.join(' '));
    }
    const { status, stdout } = await project.database(['status'], { DB_URL });
    assert.equal(status, 0);
    assert.match(stdout, /not reachable: .*Connection refused/);
  }));

test('cleanup stops the cluster, removes its directory, and is content when there is none', () =>
  withProject(files, async (project) => {
    await project.database(['init']);
    assert.equal((await project.database(['cleanup'])).status, 0);
    assert.equal((await project.database(['cleanup'])).status, 0);
    assert.equal(JSON.parse((await project.database(['status', '--json'])).stdout).cluster, null);
  }));
