import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { done, failures, outcomes, type Services, withServer } from './server.js';

const services: Services = {
  plain: {
    extensions: ['pg_trgm'],
    connectionLimit: 5,
    settings: { statement_timeout: '30s' },
    publicConnect: 'revoke',
  },
  owner: {
    owner: 'service',
    schemas: { app: { owner: 'service' } },
    grants: { schemas: { public: ['ALL'] } },
    defaultPrivileges: [{ forRole: 'owner', inSchemas: ['app'], tables: ['SELECT'] }],
  },
  reader: { database: 'owner', grants: { schemas: { app: ['USAGE'] } } },
};

test('an administrator with CREATEROLE and CREATEDB is enough', async (t) => {
  await withServer(async ({ cluster, apply, sql, makeAdministrator }) => {
    if (Number(await readFile(join(cluster.dataDir, 'PG_VERSION'), 'utf8')) < 16)
      return t.skip('before PostgreSQL 16 it is not');
    const as = await makeAdministrator('steward');

    await t.test('to provision services, and to find them as they should be afterwards', async () => {
      const result = await apply(services, { as });
      assert.deepEqual(failures(result), []);
      assert.deepEqual(outcomes(result), { plain: 'created', owner: 'created', reader: 'created' });
      assert.ok(done(result).includes('let steward act as owner'));
      const again = await apply(services, { as });
      assert.deepEqual(failures(again), []);
      assert.deepEqual(done(again), []);
    });

    await t.test('with createrole_self_grant as without', async () => {
      await sql("alter role steward set createrole_self_grant = 'set, inherit'");
      const result = await apply({ granted: { owner: 'service' } }, { as });
      assert.deepEqual(failures(result), []);
      assert.deepEqual(done(await apply({ granted: { owner: 'service' } }, { as })), []);
    });

    await t.test('but not for roles that others have made, and says so; the other services go on', async () => {
      await sql("create role foreigner login password 'x'");
      const result = await apply(
        { foreigner: { grants: {}, database: 'postgres' }, own: { grants: {}, database: 'postgres' } },
        { as },
      );
      assert.deepEqual(outcomes(result), { foreigner: 'failed', own: 'created' });
      assert.match(failures(result).join(), /^foreigner: password of foreigner: permission denied.*ADMIN OPTION/);
    });

    await t.test('and a grant that the server only warns about is a failure', async () => {
      await sql('create database theirs');
      const result = await apply({ late: { database: 'theirs', grants: { database: ['CREATE'] } } }, { as });
      assert.match(
        failures(result).join(),
        /no privileges were granted.*SQLSTATE 01007.*may not grant|permission denied/,
      );
    });

    await t.test('and where it may not even make a table for its records, a role carries them', async () => {
      const result = await apply({ noted: { grants: {}, database: 'postgres' } }, { as, version: 8 });
      assert.deepEqual([outcomes(result), result.recordFailure], [{ noted: 'created' }, undefined]);
      const comment = "select shobj_description(oid, 'pg_authid') from pg_roles where rolname = 'noted'";
      assert.deepEqual(await sql(comment), [['slipway: password from vault secret/test#password version 8 of day-8']]);
    });
  });
});
