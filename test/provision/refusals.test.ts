import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readClusterSettings } from '../../src/cluster/settings.js';
import { startCluster } from '../../src/cluster/start.js';
import { stopCluster } from '../../src/cluster/stop.js';
import { withClient } from '../../src/postgres/client.js';
import { testEnvironment } from '../support/cluster.js';
import { failures, outcomes, type Services, withServer } from './server.js';

interface Case {
  readonly name: string;
  readonly before: readonly string[];
  readonly service: Services[string];
  /** What is said, with its remedy. */
  readonly said: RegExp;
}

const here = { database: 'postgres', grants: {} };

const cases: readonly Case[] = [
  {
    name: 'what an interrupted DROP DATABASE has left',
    before: ['create database bad', "update pg_database set datconnlimit = -2 where datname = 'bad'"],
    service: {},
    said: /^bad: database bad: database bad is what an interrupted DROP DATABASE has left .*Run DROP DATABASE "bad"/,
  },
  {
    name: 'a database that lets nobody in',
    before: ['create database bad allow_connections false'],
    service: {},
    said: /^bad: database bad: database bad allows no connections .*ALLOW_CONNECTIONS true/,
  },
  {
    name: 'an owner that does not exist',
    before: [],
    service: { owner: { role: 'nobody at all' } },
    said: /^bad: database bad: there is no role "nobody at all" /,
  },
  {
    name: 'a role to be a member of that does not exist',
    before: [],
    service: { ...here, memberOf: ['nobody'] },
    said: /^bad: membership of bad in nobody: there is no role nobody /,
  },
  {
    name: 'a schema that does not exist',
    before: [],
    service: { grants: { schemas: { missing: ['USAGE'] } } },
    said: /there is no schema missing in database bad Name it under the schemas/,
  },
  {
    name: 'an extension that the server does not have',
    before: [],
    service: { extensions: ['no_such_extension'] },
    said: /^bad: extension no_such_extension in bad: .*no_such_extension/,
  },
  {
    name: 'a template that does not exist',
    before: [],
    service: { database: { template: 'nowhere' } },
    said: /^bad: database bad: there is no database nowhere to serve as template/,
  },
  {
    name: 'a locale that does not go with the template',
    before: [],
    service: { database: { template: 'template1', locale: 'C', encoding: 'LATIN1' } },
    said: /^bad: database bad: .*SQLSTATE 22023.*template0/,
  },
  {
    name: 'a template whose collation is no longer that of the system',
    before: [
      "create database aged template template0 locale_provider icu icu_locale 'en'",
      "update pg_database set datcollversion = '0.1' where datname = 'aged'",
    ],
    service: { database: { template: 'aged' } },
    said: /^bad: database bad: template aged was made with collation version 0\.1.*REFRESH COLLATION VERSION/,
  },
];

test('what stands in the way is recognised, and the other services go on', async (t) => {
  await withServer(async ({ apply, sql, cluster }) => {
    const isOld = Number((await sql("select current_setting('server_version_num')::int / 10000"))[0]?.[0]) < 15;
    for (const { name, before, service, said } of cases) {
      if (isOld && name.includes('collation')) continue;
      await t.test(name, async () => {
        for (const statement of before) await sql(statement);
        const result = await apply({ bad: service ?? null, good: here });
        assert.match(failures(result).join('\n'), said);
        assert.equal(outcomes(result).bad, 'failed');
        assert.notEqual(outcomes(result).good, 'failed');
        await sql("update pg_database set datconnlimit = -1, datallowconn = true where datname = 'bad'");
        await sql('drop database if exists bad');
        await sql('drop role if exists bad');
      });
    }

    await t.test('a template that somebody is connected to', async () => {
      await sql('create database pattern');
      await withClient({ host: cluster.host, port: String(cluster.port), dbname: 'pattern' }, async () => {
        const result = await apply({ bad: { database: { template: 'pattern' } }, good: here });
        assert.match(
          failures(result).join('\n'),
          /^bad: database bad: .*being accessed by other users.*SQLSTATE 55006.*template0/,
        );
        assert.equal(outcomes(result).good, 'skipped');
      });
    });

    await t.test('a standby', async () => {
      const settings = readClusterSettings({
        ...testEnvironment(),
        PG_WORKING_DIR: join(cluster.dataDir, '..'),
        PG_REUSE: '1',
      });
      await stopCluster(settings.workingDir);
      await writeFile(join(cluster.dataDir, 'standby.signal'), '');
      await startCluster(settings);
      await assert.rejects(apply({ good: here }), /the server is a standby, where nothing can be written/);
    });
  });
});
