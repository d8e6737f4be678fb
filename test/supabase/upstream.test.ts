import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { create } from 'tar/create';
import { lockFileName, upstreamScripts } from '../../src/supabase/upstream/lock-file.js';
import { type SyncReport, syncUpstream } from '../../src/supabase/upstream/sync.js';
import { root } from '../support/cli.js';
import { withDirectory } from '../support/cluster.js';
import { withServer } from './server.js';

/** Files in the manner of upstream's: variables from the environment, names written out, not made to be run twice. */
const files: Readonly<Record<string, string>> = {
  '_supabase.sql': '\\set pguser `echo "$POSTGRES_USER"`\nCREATE DATABASE _supabase WITH OWNER :pguser;\n',
  'roles.sql': `\\set pgpass \`echo "$POSTGRES_PASSWORD"\`\nALTER USER authenticator WITH PASSWORD :'pgpass';\nALTER USER nobody WITH PASSWORD :'pgpass';\nALTER USER pgbouncer WITH PASSWORD :'pgpass';\n`,
  'jwt.sql': `\\set jwt_exp \`echo "$JWT_EXP"\`\nALTER DATABASE postgres SET "app.settings.jwt_exp" TO :'jwt_exp';\n`,
  'logs.sql':
    '\\set pguser `echo "$POSTGRES_USER"`\n\\c _supabase\ncreate schema if not exists _analytics;\nalter schema _analytics owner to :pguser;\n\\c postgres\n',
  'webhooks.sql': 'BEGIN;\nCREATE SCHEMA supabase_functions AUTHORIZATION supabase_admin;\nCOMMIT;\n',
  'realtime.sql':
    '\\set pguser `echo "$POSTGRES_USER"`\ncreate schema if not exists _realtime;\nalter schema _realtime owner to :pguser;\n',
  'pooler.sql': '\\c _supabase\ncreate schema if not exists _supavisor;\n\\c postgres\n',
};
const seedNames = [
  '00-initial-schema.sql',
  '01-roles.sql',
  '02-jwt.sql',
  '03-logs.sql',
  '04-webhooks.sql',
  '05-realtime.sql',
  '06-pooler.sql',
];

test('upstream is read from wherever it is, byte for byte', async (t) => {
  await withDirectory(async (directory) => {
    const checkout = join(directory, 'supabase-1.0');
    await lay(checkout, 'docker/volumes/db', files);
    await lay(checkout, 'docker/volumes/db/init', { 'data.sql': '-- not of the seven\n' });
    await lay(join(directory, 'bare'), '', files);
    await lay(
      join(directory, 'seed'),
      '',
      Object.fromEntries(Object.values(files).map((text, index) => [seedNames[index], text])),
    );
    for (const [name, gzip] of [
      ['plain.tar', false],
      ['packed.tar.gz', true],
    ] as const) {
      await create({ file: join(directory, name), gzip, cwd: directory }, ['supabase-1.0']);
    }
    const to = (name: string) => join(directory, 'to', name);
    for (const source of ['supabase-1.0', 'bare', 'seed', 'plain.tar', 'packed.tar.gz']) {
      await t.test(source, async () => {
        const report = await syncUpstream({ source: join(directory, source), directory: to(source) });
        assert.deepEqual(changes(report), Object.fromEntries(Object.keys(files).map((name) => [name, 'added'])));
        assert.deepEqual((await readdir(to(source))).sort(), [...Object.keys(files), lockFileName].sort());
        for (const [name, text] of Object.entries(files))
          assert.equal(await readFile(join(to(source), name), 'utf8'), text);
      });
    }

    await t.test('a version, from a mirror', async () => {
      await withMirror({ 'v1/docker/volumes/db/': files }, async (mirror) => {
        const { origin, files: synced } = await syncUpstream({ source: 'v1', directory: to('mirror'), mirror });
        assert.deepEqual([origin, synced.length], [`${mirror}/v1/docker/volumes/db`, 7]);
        await assert.rejects(
          syncUpstream({ source: 'v2', directory: to('none'), mirror }),
          /v2\/docker\/volumes\/db holds none of/,
        );
      });
      await assert.rejects(
        syncUpstream({ source: 'v1', directory: to('none'), mirror: 'http://127.0.0.1:1' }),
        /cannot fetch http:\/\/127\.0\.0\.1:1\/v1\/docker\/volumes\/db\/_supabase\.sql: /,
      );
    });

    /** What holds no files of upstream's. */
    await t.test('not from what is something else', async () => {
      await mkdir(join(directory, 'empty'));
      await assert.rejects(
        syncUpstream({ source: join(directory, 'empty'), directory: to('none') }),
        /holds none of Supabase's files/,
      );
      const bytes = await readFile(join(directory, 'packed.tar.gz'));
      await writeFile(join(directory, 'cut.tar.gz'), bytes.subarray(0, bytes.length / 2));
      await assert.rejects(
        syncUpstream({ source: join(directory, 'cut.tar.gz'), directory: to('none') }),
        /is not a whole tar archive/,
      );
      await assert.rejects(readdir(to('none')), { code: 'ENOENT' });
    });
  });
});

test('what changes is shown, pinned, and held to the pins', async (t) => {
  await withDirectory(async (directory) => {
    const [source, to] = [join(directory, 'source'), join(directory, 'to')];
    await lay(source, '', files);
    const sync = (dryRun = false) => syncUpstream({ source, directory: to, dryRun });
    await sync();
    await writeFile(join(source, 'pooler.sql'), `${files['pooler.sql']}-- newer\n`);
    await rm(join(source, 'logs.sql'));

    await t.test('--dry-run shows the difference and writes nothing', async () => {
      const report = await sync(true);
      const { 'pooler.sql': pooler, 'logs.sql': logs, 'jwt.sql': jwt } = changes(report);
      assert.deepEqual([pooler, logs, jwt], ['changed', 'removed', 'same']);
      assert.match(
        report.files.map(({ diff }) => diff).join(''),
        /^--- a\/pooler\.sql.*\n\+\+\+ b\/pooler\.sql.*\n@@.*\n( .*\n)*\+-- newer\n$/m,
      );
      assert.equal((await upstreamScripts(to, 'seed')).length, 7);
    });

    await t.test('sync takes it over, and then there is no difference', async () => {
      await sync();
      assert.deepEqual(new Set(Object.values(changes(await sync()))), new Set(['same']));
      const names = (await upstreamScripts(to, 'compose')).map(({ name }) => name);
      assert.deepEqual(
        names,
        ['webhooks', 'jwt', 'roles', '_supabase', 'pooler', 'realtime'].map((name) => `upstream/${name}.sql`),
      );
    });

    await t.test('files that are not what was pinned are refused, all at once', async () => {
      await writeFile(join(to, 'jwt.sql'), 'SELECT 1');
      await rm(join(to, 'roles.sql'));
      await assert.rejects(upstreamScripts(to, 'seed'), /roles\.sql is not there\n.*jwt\.sql was changed/);
      await writeFile(join(to, lockFileName), '{"files": {"../x.sql": {}}}');
      await assert.rejects(upstreamScripts(to, 'seed'), /supabase\.lock\.json is no lock file/);
      await assert.rejects(upstreamScripts(source, 'seed'), /there is no supabase\.lock\.json/);
    });
  });
});

test("init --upstream runs exactly those, in compose's order, and goes on after errors", (t) =>
  withServer((server) =>
    withDirectory(async (directory) => {
      await server.sql(await readFile(join(root, 'test', 'supabase', 'image.sql'), 'utf8'));
      await lay(join(directory, 'source'), '', files);
      const to = join(directory, 'to');
      await syncUpstream({ source: join(directory, 'source'), directory: to });
      const init = (...words: string[]) =>
        server.slipway(
          ['init', '--upstream', '--upstream-directory', to, ...words],
          { user: 'supabase_admin' },
          { POSTGRES_PASSWORD: 'x' },
        );

      await t.test('the first time', async () => {
        const { status, stdout, stderr } = await init();
        assert.equal(status, 0, stderr);
        assert.match(
          stdout,
          /upstream\/roles\.sql: applied .*\n {2}tolerated: .*roles\.sql:3: role "nobody" does not exist/,
        );
        const recorded = await server.sql('SELECT file FROM supabase_slipway.migration ORDER BY id');
        assert.deepEqual(
          recorded.flat(),
          ['webhooks', 'jwt', '_supabase', 'logs', 'pooler', 'realtime'].map((name) => `upstream/${name}.sql`),
        );
        const facts = await server.facts('postgres');
        for (const fact of [
          'database sets app.settings.jwt_exp=3600',
          'schema _realtime belongs to supabase_admin',
          '_supabase: schema _analytics',
        ]) {
          assert.ok(facts.includes(fact), fact);
        }
        assert.deepEqual(
          await server.sql("SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = 'pgbouncer'"),
          [[true]],
        );
      });

      await t.test('again, only what had errors', async () => {
        const { status, stdout } = await init('--order', 'seed', '--json');
        assert.equal(status, 0);
        const applied = (JSON.parse(stdout) as { files: { file: string; status: string }[] }).files.filter(
          (file) => file.status === 'applied',
        );
        assert.deepEqual(
          applied.map(({ file }) => file),
          ['upstream/roles.sql'],
        );
      });
    }),
  ));

function changes({ files: synced }: SyncReport): Record<string, string> {
  return Object.fromEntries(synced.map(({ file, change }) => [file, change]));
}

async function lay(
  directory: string,
  below: string,
  texts: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  for (const [name, text = ''] of Object.entries(texts)) {
    const path = join(directory, below, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** Lends the address of a server that has some files and answers 404 to everything else. */
async function withMirror(
  folders: Readonly<Record<string, Readonly<Record<string, string>>>>,
  use: (address: string) => Promise<void>,
): Promise<void> {
  const texts = new Map(
    Object.entries(folders).flatMap(([folder, texts]) =>
      Object.entries(texts).map(([name, text]) => [`/${folder}${name}`, text]),
    ),
  );
  const server = createServer(({ url = '' }, response) => {
    const text = texts.get(url);
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
