import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { done, type Services, type TestServer, withServer } from './server.js';

/** Many grants in two databases. */
function servicesWith(schemas: number): Services {
  const names = Array.from({ length: schemas }, (_, index) => `app${index}`);
  const bySchema = (privileges: readonly string[]) => Object.fromEntries(names.map((name) => [name, privileges]));
  const grants = {
    database: ['ALL'],
    schemas: bySchema(['ALL']),
    tables: bySchema(['SELECT']),
    functions: bySchema(['EXECUTE']),
  };
  return { w1: { schemas: names, grants }, w2: { schemas: names, grants } };
}

test('finding that there is nothing to do takes as many round trips for many grants as for few', async () => {
  await withServer(async (server) => {
    await server.sql("alter system set log_statement = 'all'");
    await server.sql('select pg_reload_conf()');
    const counts: number[] = [];
    for (const schemas of [1, 20]) {
      await server.apply(servicesWith(schemas));
      const before = await statementsLogged(server);
      assert.deepEqual(done(await server.apply(servicesWith(schemas), { visitAll: true })), []);
      counts.push((await statementsLogged(server)) - before);
    }
    assert.equal(counts[0], counts[1]);
    const before = await statementsLogged(server);
    assert.deepEqual(done(await server.apply(servicesWith(20))), []);
    const unvisited = (await statementsLogged(server)) - before;
    assert.ok(unvisited < (counts[0] ?? 0), 'databases in which nothing happened are not visited');
  });
});

test('a database in which something happened is looked into, also on a server that does not count', async () => {
  await withServer(async ({ apply, sql }) => {
    const services: Services = { w: null };
    const repaired = async () => {
      await sql('revoke create on schema public from w', 'w');
      return done(await apply(services));
    };
    await apply(services);
    assert.deepEqual(done(await apply(services)), []);
    assert.deepEqual(await repaired(), ['grant CREATE on schema public in w to w']);
    await sql('alter system set track_counts = off');
    await sql('select pg_reload_conf()');
    assert.deepEqual(await repaired(), ['grant CREATE on schema public in w to w']);
    assert.deepEqual(await repaired(), ['grant CREATE on schema public in w to w']);
  });
});

/** A simple Query is one line of the log, however many statements are in it. */
async function statementsLogged({ cluster: { dataDir } }: TestServer): Promise<number> {
  const place = join(dataDir, '..');
  const names = (await readdir(place, { recursive: true })).filter(
    (name) => /log/.test(name) && !name.startsWith('data/pg_'),
  );
  const texts = await Promise.all(names.map((name) => readFile(join(place, name), 'utf8').catch(() => '')));
  return texts.join('\n').split(/LOG: {2}(?:statement|execute [^:]*):/).length - 1;
}
