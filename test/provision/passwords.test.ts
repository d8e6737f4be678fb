import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../src/errors.js';
import { withClient } from '../../src/postgres/client.js';
import { itemsOf, stepsOf } from '../../src/provision/plan/plan.js';
import { asService } from '../../src/provision/server.js';
import { done, failures, outcomes, read, type Services, type TestServer, withServer } from './server.js';

const nothing = { grants: {}, database: 'postgres' };

/** Logs in, and answers the user that the server takes us for. */
async function logIn({ assignment }: TestServer, user: string, password: string): Promise<unknown> {
  const config = asService(assignment({ any: null }).server, user, password, 'postgres');
  return withClient(config, async (client) => (await client.query('select user')).rows[0]?.user, { env: {} });
}

test('passwords follow the secrets', async (t) => {
  await withServer(async (server) => {
    const { sql, apply, plan, makeAdministrator } = server;

    await t.test('a rotated secret is set once, and the old one opens nothing any more', async () => {
      await apply({ p1: nothing });
      const passwords = { p1: read('new') };
      assert.deepEqual(done(await apply({ p1: nothing }, { passwords })), [
        'set the password of p1: it is not the one in vault secret/test#password',
      ]);
      assert.deepEqual(done(await apply({ p1: nothing }, { passwords })), []);
      assert.equal(await logIn(server, 'p1', 'new'), 'p1');
      await assert.rejects(logIn(server, 'p1', 'password of p1'), /password authentication failed/);
    });

    await t.test('a password that is in force is not written again, whatever its salt and iterations', async () => {
      await sql("set scram_iterations = 5000; create role p2 login password 'password of p2'").catch(() =>
        sql("create role p2 login password 'password of p2'"),
      );
      const before = await sql("select rolpassword from pg_authid where rolname = 'p2'");
      assert.deepEqual(done(await apply({ p2: nothing })), []);
      assert.deepEqual(await sql("select rolpassword from pg_authid where rolname = 'p2'"), before);
    });

    await t.test('createOnly sets it when the user is made, and needs no secret afterwards', async () => {
      const services: Services = { p3: { ...nothing, passwordPolicy: 'createOnly' } };
      assert.deepEqual(outcomes(await apply(services)), { p3: 'created' });
      const lost = { p3: { state: 'failed', error: new UserError('no such secret') } } as const;
      assert.deepEqual(outcomes(await apply(services, { passwords: lost })), { p3: 'skipped' });
      assert.deepEqual(done(await apply(services, { passwords: { p3: read('other') } })), []);
      assert.equal(await logIn(server, 'p3', 'password of p3'), 'p3');
    });

    await t.test('a missing secret fails its own service, and writes no password away', async () => {
      await apply({ p4: nothing });
      const error = new UserError('no secret at secret/p4', { hint: 'Put one there.' });
      const passwords = { p4: { state: 'failed', error }, p5: { state: 'failed', error } } as const;
      const result = await apply({ p4: nothing, p5: nothing, p6: nothing }, { passwords });
      assert.deepEqual(outcomes(result), { p4: 'failed', p5: 'failed', p6: 'created' });
      assert.match(failures(result)[0] ?? '', /^p4: password of p4: no secret at secret\/p4 Put one there\./);
      assert.equal(await logIn(server, 'p4', 'password of p4'), 'p4');
      assert.deepEqual(await sql("select count(*)::int from pg_roles where rolname = 'p5'"), [[0]]);
    });

    await t.test('a secret that is still to be generated is planned for', async () => {
      const found = await plan({ p7: nothing }, { passwords: { p7: { state: 'missing', origin: 'vault' } } });
      assert.deepEqual(
        stepsOf(found).map(({ summary }) => summary),
        ['create user p7'],
      );
      assert.equal(itemsOf(found)[0]?.note, 'it will be generated');
    });

    for (const [password, reason] of [
      ['', 'it is empty'],
      ['a\0b', 'NUL'],
      ['\u00ad', 'nothing is left of it'],
      ['fi\ufb01\u{1f600}', 'clients differ'],
      ['\ud800', 'not valid Unicode'],
    ] as const) {
      await t.test(`${JSON.stringify(password)} is refused as a password`, async () => {
        const result = await apply({ p8: nothing }, { passwords: { p8: read(password) } });
        assert.match(failures(result).join(), new RegExp(reason));
        assert.deepEqual(await sql("select count(*)::int from pg_roles where rolname = 'p8'"), [[0]]);
      });
    }

    await t.test('the version in force is recorded, and once it is, settles the matter', async () => {
      await apply({ p9: nothing }, { version: 3 });
      const record = 'select origin, version::int, created from slipway.provision_password where user_name = ';
      assert.deepEqual(await sql(`${record}'p9'`), [['vault secret/test#password', 3, 'day-3']]);
      const again = await plan({ p9: nothing }, { version: 3 });
      assert.equal(
        itemsOf(again).find(({ object }) => object === 'password of p9')?.note,
        'from vault secret/test#password version 3',
      );
      await sql("alter role p9 password 'changed behind our back'");
      assert.deepEqual(stepsOf(await plan({ p9: nothing }, { version: 3 })).length, 1);
      await apply({ p9: nothing }, { version: 4 });
      assert.equal((await sql(`${record}'p9'`))[0]?.[1], 4);
    });

    await t.test('where pg_authid may not be read, a login tells', async () => {
      const as = await makeAdministrator('hidden');
      const run = (services: Services, more = {}) => apply(services, { as, ...more });
      assert.deepEqual(outcomes(await run({ p10: nothing })), { p10: 'created' });
      assert.deepEqual(done(await run({ p10: nothing })), []);
      const rotated = await run({ p10: nothing }, { passwords: { p10: read('new') } });
      assert.deepEqual(failures(rotated), []);
      assert.equal(done(rotated).length, 1);
      assert.equal(await logIn(server, 'p10', 'new'), 'p10');
      assert.deepEqual(done(await run({ p10: nothing }, { passwords: { p10: read('new') } })), []);
    });

    await t.test('a server that lets everybody in does not make a wrong password right', async () => {
      const as = { user: 'hidden', password: 'password of hidden' };
      await apply({ trusted: nothing }, { as, version: 1 });
      assert.deepEqual(done(await apply({ trusted: nothing }, { as, version: 1 })), []);
      const rotated = await apply({ trusted: nothing }, { as, version: 2, passwords: { trusted: read('new', 2) } });
      assert.match(
        done(rotated).join(),
        /it cannot be checked here, and .* version 2 was not the last one that was set/,
      );
      const unknown = await plan({ trusted: nothing }, { as, passwords: { trusted: read('from the environment') } });
      assert.equal(stepsOf(unknown).length, 1);
    });
  });
});
