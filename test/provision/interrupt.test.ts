import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testEnvironment } from '../support/cluster.js';
import { done, failures, outcomes, type Services, type TestServer, withServer } from './server.js';

/** How many applications are killed; PROVISION_KILLS=300 for the campaign. */
const kills = Number(process.env.PROVISION_KILLS ?? 4);

const program = fileURLToPath(new URL('apply-process.js', import.meta.url));

function servicesFor(round: number): Services {
  const name = `k${round}`;
  return {
    [name]: {
      owner: 'service',
      publicConnect: 'revoke',
      schemas: { app: { owner: 'service' } },
      extensions: ['citext'],
      settings: { statement_timeout: '30s' },
      sql: [{ file: 'init.sql', run: 'changed', as: 'service' }],
    },
    [`${name}r`]: {
      database: name,
      grants: { database: ['CONNECT'], schemas: { app: ['USAGE'] }, tables: { app: ['SELECT'] } },
    },
    [`${name}b`]: null,
  };
}

/** Starts an application of a file and kills it after so many steps; answers whether it was over before. */
async function applyAndKill(file: string, steps: number): Promise<boolean> {
  const child = spawn(process.execPath, [program, file], {
    env: testEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let seen = 0;
  if (steps === 0) child.kill('SIGKILL');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'done') return true;
    seen += 1;
    if (seen === steps) child.kill('SIGKILL');
  }
  await ended;
  return false;
}

test(`an application that is killed, ${kills} times anywhere, is finished by the next one`, async () => {
  await withServer(async (server) => {
    const { directory, cluster, apply, sql } = server;
    await writeFile(
      join(directory, 'init.sql'),
      'create table app.t (x int);\ninsert into app.t select generate_series(1, 1000);\n',
    );
    for (let round = 0; round < kills; round++) {
      const services = servicesFor(round);
      const file = join(directory, `services-${round}.yaml`);
      const connection = {
        host: cluster.host,
        port: cluster.port,
        user: server.assignment(services).server.config.user,
      };
      await writeFile(
        file,
        JSON.stringify({ version: 1, server: { ...connection, maintenanceDb: 'postgres' }, services }),
      );
      const steps = randomInt(1, 18);
      await applyAndKill(file, steps);
      const result = await apply(services);
      assert.deepEqual(failures(result), [], `after a kill at step ${steps}`);
      assert.deepEqual(done(await apply(services, { visitAll: true })), [], `after a kill at step ${steps}`);
      assert.deepEqual(await sql('select count(*)::int from app.t', `k${round}`), [[1000]]);
      await removeDatabases(server, round);
    }
  });
});

async function removeDatabases({ sql }: TestServer, round: number): Promise<void> {
  for (const name of [`k${round}`, `k${round}b`]) await sql(`drop database ${name} with (force)`);
}

test('eight applications at once end alike, without an error', async () => {
  await withServer(async ({ directory, apply, assignment, sql }) => {
    await writeFile(join(directory, 'init.sql'), 'create table app.t (x int); insert into app.t values (1);\n');
    const services = servicesFor(0);
    const waited: number[] = [];
    const onWait = ({ pid }: { pid: number }) => void waited.push(pid);
    const results = await Promise.all(Array.from({ length: 8 }, () => apply(services, { onWait })));
    for (const result of results) assert.deepEqual(failures(result), []);
    const makers = results.filter((result) =>
      Object.values(outcomes(result)).every((outcome) => outcome === 'created'),
    );
    assert.equal(makers.length, 1);
    assert.equal(waited.length, 7);
    assert.deepEqual(await sql('select count(*)::int from app.t', 'k0'), [[1]]);
    assert.equal(assignment(services).spec.services.length, 3);
  });
});

test('somebody who makes the same things without our lock does no harm', async () => {
  await withServer(async ({ apply, sql }) => {
    const names = Array.from({ length: 6 }, (_, index) => `r${index}`);
    const services = Object.fromEntries(names.map((name) => [name, null]));
    const rival = async () => {
      for (const name of names) {
        for (const statement of [
          `create role ${name} login`,
          `create database ${name}`,
          `grant all on database ${name} to ${name}`,
        ]) {
          await sql(statement).catch(() => undefined);
        }
      }
    };
    const [result] = await Promise.all([apply(services), rival(), rival()]);
    assert.deepEqual(failures(result), []);
    assert.deepEqual(done(await apply(services, { visitAll: true })), []);
  });
});
