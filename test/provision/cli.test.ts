import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import { withClient } from '../../src/postgres/client.js';
import { type Ended, run, start } from '../support/cli.js';
import { withCluster, withDirectory } from '../support/cluster.js';

const secrets = { PW_shop: "hunter2'\\$$", PW_reports: 'hunter3', PW_new: 'hunter4' };
const services = `
  shop: { owner: service }
  reports: { database: shop, user: reports, grants: { schemas: { public: [USAGE] } } }`;

test('slipway provision', async (t) => {
  await withCluster(async (cluster) => {
    await withDirectory(async (directory) => {
      const file = join(directory, 'services.yaml');
      await writeServices(file, cluster, services);
      const provision = (words: readonly string[], env: NodeJS.ProcessEnv = secrets) =>
        withoutSecrets(run('slipway', ['provision', ...words], { USER: cluster.user, HOME: directory, ...env }));
      const inFile = ([command, ...words]: readonly string[]) => provision([`${command}`, '-f', file, ...words]);

      await t.test('plan says what there is to do, ends with 2, and does nothing', async () => {
        const planned = await inFile(['plan']);
        assert.equal(planned.status, 2, planned.stderr);
        assert.match(planned.stdout, /^ {2}\+ create database shop$/m);
        assert.match(planned.stdout, /^Plan: 3 to create, .*; unchanged: \d+\.$/m);
        assert.equal(await databaseCount(cluster, 'shop'), '0');
      });

      await t.test('apply --dry-run shows the same and ends with 0', async () => {
        const shown = await inFile(['apply', '--dry-run']);
        assert.deepEqual([shown.status, await databaseCount(cluster, 'shop')], [0, '0']);
        assert.match(shown.stdout, /^ {2}\+ create user reports$/m);
      });

      await t.test("apply does it and tells it in the seed's words", async () => {
        const applied = await inFile(['apply', '--wait', '60s']);
        assert.equal(applied.status, 0, applied.stderr);
        const [waiting, ready, ...lines] = applied.stdout.trimEnd().split('\n');
        assert.equal(waiting, 'Waiting for PostgreSQL to be ready...');
        assert.equal(ready, 'PostgreSQL is ready. Running database initialization...');
        assert.equal(lines.pop(), 'Database initialization completed successfully!');
        assert.ok(
          lines.some((line) => line.startsWith('created  database shop')),
          applied.stdout,
        );
        for (const line of lines) assert.match(line, /^(created|changed|skipped) {2}/);
      });

      await t.test('a second apply skips everything, and plan ends with 0', async () => {
        const applied = await inFile(['apply']);
        const lines = applied.stdout.trimEnd().split('\n').slice(0, -1);
        for (const line of lines) assert.match(line, /^skipped {2}/);
        const planned = await inFile(['plan']);
        assert.equal(planned.status, 0, planned.stdout);
        assert.match(planned.stdout, /^Nothing to do; unchanged: \d+\.$/m);
      });

      await t.test('verify logs in as each service', async () => {
        const metrics = join(directory, 'slipway.prom');
        const verified = await inFile(['verify', '--metrics', metrics]);
        assert.equal(verified.status, 0, verified.stdout);
        assert.match(verified.stdout, /^ok {6}shop\n.*log in to shop as shop/m);
        assert.match(await readFile(metrics, 'utf8'), /service_verified\{service="reports"\} 1/);
      });

      await t.test('--json prints JSON and nothing else', async () => {
        for (const words of [['plan'], ['apply', '--wait', '60s'], ['apply', '--dry-run'], ['verify']]) {
          const { stdout, stderr } = await inFile([...words, '--json']);
          assert.doesNotThrow(() => JSON.parse(stdout), `${stdout}${stderr}`);
        }
      });

      await t.test("a service's missing secret is its own failure, and the status is 1", async () => {
        await writeServices(file, cluster, `${services}\n  new:\n  lost:`);
        const applied = await inFile(['apply']);
        assert.equal(applied.status, 1);
        assert.match(applied.stdout, /^failed {3}password of lost: the environment variable PW_lost is not set$/m);
        assert.match(applied.stdout, /^created {2}database new$/m);
        assert.match(applied.stdout, /^Database initialization failed for 1 of 4 services\.$/m);
        assert.deepEqual([await databaseCount(cluster, 'new'), await databaseCount(cluster, 'lost')], ['1', '0']);
      });

      await t.test('--service chooses, and an unknown one is refused', async () => {
        const chosen = await inFile(['plan', '--service', 'shop', 'new']);
        assert.equal(chosen.status, 0, chosen.stdout);
        assert.doesNotMatch(chosen.stdout, /lost/);
        const unknown = await inFile(['plan', '--service', 'shup']);
        assert.deepEqual([unknown.status, unknown.stdout], [9, '']);
        assert.match(unknown.stderr, /no service "shup" in .*; did you mean 'shop'\?/);
      });

      await t.test('--prune drops what the file has no more, and nothing that it has', async () => {
        await writeServices(file, cluster, services);
        const refused = await inFile(['apply', '--prune', 'new', 'shop']);
        assert.equal(refused.status, 9, refused.stdout);
        assert.match(refused.stderr, /shop is still asked for/);
        const pruned = await inFile(['apply', '--prune', 'new']);
        assert.equal(pruned.status, 0, pruned.stderr);
        assert.match(pruned.stdout, /^dropped {2}database new\ndropped {2}user new$/m);
        assert.equal(await databaseCount(cluster, 'new'), '0');
      });

      await t.test('watch mends what drifts until it is told to stop', async () => {
        const words = ['provision', 'watch', '-f', file, '--interval', '100ms'];
        const watching = start('slipway', words, { USER: cluster.user, HOME: directory, ...secrets });
        const seen = linesOf(watching.child.stdout);
        await seen.until(/as wished$/);
        await withClient(cluster.url, (client) => client.query('REVOKE ALL ON DATABASE shop FROM shop'));
        await withClient(cluster.url, (client) => client.query('ALTER ROLE reports NOLOGIN'));
        await seen.until(/had drifted by \d+ step/);
        watching.child.kill('SIGTERM');
        assert.equal((await watching.ended).status, 0);
      });

      await t.test('import writes a file for which there is nothing to do', async () => {
        const imported = await provision(['import', cluster.url]);
        assert.equal(imported.status, 0, imported.stderr);
        const copy = join(directory, 'imported.yaml');
        await writeFile(
          copy,
          imported.stdout.replace(/password:\n {4}vault: .*\n {4}key: .*/, 'password: { env: "PW_{name}" }'),
        );
        const planned = await provision(['plan', '-f', copy]);
        assert.equal(planned.status, 0, `${planned.stdout}${planned.stderr}${imported.stdout}`);
      });

      await t.test('a server that does not come is given up with the reason', async () => {
        const elsewhere = join(directory, 'elsewhere.yaml');
        await writeFile(elsewhere, `version: 1\nserver: { host: ${directory} }\nservices: [a]\n`);
        const given = await provision(['apply', '-f', elsewhere, '--wait', '300ms']);
        assert.equal(given.status, 1);
        assert.match(given.stdout, /^Waiting for PostgreSQL to be ready\.\.\.\n {2}refused: /);
        assert.match(given.stderr, /^error: the server is not ready after 0\.3 s \(refused\): /);
      });
    });
  });
});

test('slipway provision schema prints a schema that examples keep to', async () => {
  const { stdout, status } = await run('slipway', ['provision', 'schema']);
  assert.equal(status, 0);
  const validate = new Ajv2020({ strictTypes: false, strictRequired: false }).compile(JSON.parse(stdout));
  assert.ok(validate({ version: 1, services: { gitea: null, reports: { database: 'gitea', owner: 'keep' } } }));
  assert.ok(!validate({ version: 1, services: { gitea: { password: 'hunter2' } } }));
});

test('a bad file shows all its faults and ends with 1', () =>
  withDirectory(async (directory) => {
    const file = join(directory, 'services.yaml');
    await writeFile(file, 'version: 1\nservr: {}\nservices: { a: { password: hunter2, user: none } }\n');
    const { status, stdout, stderr } = await withoutSecrets(run('slipway', ['provision', 'plan', '-f', file]));
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /:2:1: servr: unknown key; did you mean 'server'\?\n/);
    assert.match(stderr, /:3:28: services\.a\.password: a secret does not stand in the file itself\n/);
    assert.match(stderr, /\nhint: Refer to it: /);
  }));

async function writeServices(file: string, { host, port, user }: Cluster, entries: string): Promise<void> {
  const server = `server: { host: "${host}", port: ${port}, user: "${user}" }`;
  await writeFile(file, `version: 1\n${server}\ndefaults: { password: { env: "PW_{name}" } }\nservices:${entries}\n`);
}

/** What a run printed, once it is certain that no secret is in it. */
async function withoutSecrets(running: Promise<Ended>): Promise<Ended> {
  const ended = await running;
  for (const output of [ended.stdout, ended.stderr]) assert.doesNotMatch(output, /hunter/);
  return ended;
}

async function databaseCount({ url }: Cluster, name: string): Promise<string> {
  return withClient(url, async (client) => {
    const { rows } = await client.query('SELECT count(*) FROM pg_database WHERE datname = $1', [name]);
    return rows[0].count;
  });
}

/** Reads lines as they come, and waits for one that fits. */
function linesOf(stream: NodeJS.ReadableStream | null): { until(pattern: RegExp): Promise<void> } {
  const seen: string[] = [];
  const waiting = new Set<() => void>();
  stream?.on('data', (chunk: Buffer) => {
    seen.push(...chunk.toString().split('\n'));
    for (const check of waiting) check();
  });
  return {
    until: (pattern) =>
      new Promise((resolve) => {
        const check = () => {
          const index = seen.findIndex((line) => pattern.test(line));
          if (index === -1) return;
          seen.splice(0, index + 1);
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}
