import assert from 'node:assert/strict';
import { withClient } from '../../src/postgres/client.js';
import { podScripts } from '../../src/supabase/manifests/scripts.js';
import { run } from '../support/cli.js';
import { administrator, type Case, hostilePassword, jwtSecret, type Place, sevenFiles } from './place.js';

/** Each character of the name has a meaning in a connection string, in SQL or in psql; it is not `postgres`. */
export const database = `shop "b" 'x'=\\`;

const services = [
  'authenticator',
  'pgbouncer',
  'supabase_auth_admin',
  'supabase_functions_admin',
  'supabase_storage_admin',
];

/** One database from its first run on. */
export const lifecycle: readonly Case[] = [
  [
    'a first run applies the seven files and says so',
    async (place) => {
      await place.createDatabase(database);
      await place.query(database, userTables);
      const { status, log, terminationMessage } = await place.run(database);
      assert.equal(status, 0, log);
      assert.deepEqual(
        outcomes(terminationMessage),
        sevenFiles.map((file) => `${file}: applied`),
      );
      assert.match(terminationMessage, /^7 applied, 0 skipped\n/);
      assert.match(terminationMessage, /^ {2}.*pg_net/m);
      assert.doesNotMatch(log, /ERROR|FATAL/);
      assertNoSecret(log, terminationMessage);
    },
  ],
  [
    'every file is recorded with its hash, in that order',
    async (place) => {
      const rows = await place.query(database, 'SELECT file, version FROM supabase_slipway.migration ORDER BY id');
      assert.deepEqual(
        rows,
        sevenFiles.map((file) => ({ file, version: '0.1.0' })),
      );
    },
  ],
  [
    'the services log in with a password that no URI could hold unquoted',
    async (place) => {
      for (const user of services) assert.equal(await loginAs(place, user, hostilePassword), user);
    },
  ],
  [
    'settings are those of the database in the Secret, and the JWT secret is not among them',
    async (place) => {
      const settings = await place.query(
        database,
        'SELECT datname, setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE setrole = 0',
      );
      const own = settings.filter(({ datname }) => datname === database);
      assert.deepEqual(own, [{ datname: database, setconfig: ['app.settings.jwt_exp=3600'] }]);
      assert.deepEqual(
        settings.filter(({ datname }) => datname === 'postgres'),
        [],
      );
    },
  ],
  [
    'a second run skips what is recorded, and the tables of the user keep their rows',
    async (place) => {
      const { status, log } = await place.run(database);
      assert.equal(status, 0, log);
      const skipped = outcomes(log).filter((line) => line.endsWith(': skipped'));
      assert.deepEqual(
        skipped,
        sevenFiles.filter((file) => !/^0[12]/.test(file)).map((file) => `${file}: skipped`),
      );
      assert.deepEqual(await place.query(database, 'SELECT version FROM public.schema_versions'), [
        { version: '20250101-first' },
        { version: '20250102-second' },
      ]);
    },
  ],
  [
    'newer texts of the seven are run over the older ones',
    async (place) => {
      const { own } = await podScripts();
      const changed = Object.fromEntries(sevenFiles.map((file) => [file, `-- newer\n${own[file]}`]));
      const { status, log } = await place.run(database, { changed });
      assert.equal(status, 0, log);
      assert.deepEqual(
        outcomes(log),
        sevenFiles.map((file) => `${file}: applied`),
      );
      assert.equal((await place.run(database)).status, 0);
    },
  ],
  [
    'a password that was changed in the Secret is given to the services',
    async (place) => {
      const secret = { password: 'rotated, in the meantime' };
      await place.query(database, `ALTER ROLE "db-admin" PASSWORD '${secret.password}'`);
      try {
        const { status, log } = await place.run(database, { secret });
        assert.equal(status, 0, log);
        for (const user of services) assert.equal(await loginAs(place, user, secret.password), user);
      } finally {
        await place.query(database, `ALTER ROLE "db-admin" PASSWORD $p$${hostilePassword}$p$`);
      }
    },
  ],
  [
    'the JWT secret becomes a setting of the database when asked for',
    async (place) => {
      const { status, log, terminationMessage } = await place.run(database, { storesJwtSecret: true });
      assert.equal(status, 0, log);
      const [row] = await place.query(database, "SELECT current_setting('app.settings.jwt_secret') AS secret");
      assert.equal(row?.secret, jwtSecret);
      assertNoSecret(log, terminationMessage);
    },
  ],
  [
    'slipway supabase init finds nothing left to do after it, nor it after that',
    async (place) => {
      const { host, port } = place.cluster;
      const env = { PGHOST: host, PGPORT: String(port), PGDATABASE: database, PGUSER: administrator };
      const secrets = { PGPASSWORD: hostilePassword, POSTGRES_PASSWORD: hostilePassword, JWT_EXP: '3600' };
      const init = await run('slipway', ['supabase', 'init'], { ...env, ...secrets, POSTGRES_USER: administrator });
      assert.equal(init.status, 0, init.stderr);
      assert.deepEqual(
        outcomes(init.stdout),
        sevenFiles.map((file) => `${file}: skipped`),
        init.stdout,
      );
      assert.match((await place.run(database)).terminationMessage, /^2 applied, 5 skipped\n/);
    },
  ],
];

/** The default table of golang-migrate, Ecto and dbmate, and a view on it. */
const userTables = `
  CREATE TABLE public.schema_migrations (version text PRIMARY KEY);
  INSERT INTO public.schema_migrations VALUES ('20250101-first'), ('20250102-second');
  CREATE VIEW public.schema_versions AS SELECT version FROM public.schema_migrations ORDER BY 1;
`;

/** `FILE: OUTCOME`, without what follows the outcome. */
export function outcomes(text: string): string[] {
  return [...text.matchAll(/^(\S+\.sql: \w+)/gm)].map(([, outcome]) => outcome ?? '');
}

export function assertNoSecret(...texts: readonly string[]): void {
  for (const text of texts) {
    assert.ok(!text.includes(hostilePassword) && !text.includes(jwtSecret) && !/SCRAM-SHA-256\$/.test(text), text);
  }
}

function loginAs({ cluster: { host, port } }: Place, user: string, password: string): Promise<unknown> {
  const connection = { host, port: String(port), user, password, dbname: database };
  return withClient(connection, async (client) => (await client.query('SELECT session_user AS name')).rows[0]?.name);
}
