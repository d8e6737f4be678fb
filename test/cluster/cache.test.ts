import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Ended, postgresInit, query, withDirectory, withWorkingDir } from '../support/cluster.js';

const making = /Making a PostgreSQL .* cluster/;

/** Lends a start function whose cache is in a directory of its own. */
function withCache(use: (start: () => Promise<Ended>, templates: string) => Promise<void>): Promise<void> {
  return withDirectory((directory) =>
    withWorkingDir((dir) =>
      use(
        async () => {
          const ended = await postgresInit(dir, { XDG_CACHE_HOME: directory });
          assert.equal(ended.status, 0, ended.stderr);
          await query(ended.stdout.trim(), 'SELECT 1');
          return ended;
        },
        join(directory, 'slipway', 'templates'),
      ),
    ),
  );
}

test('initdb runs once; further clusters are copies of its result', () =>
  withCache(async (start, templates) => {
    assert.match((await start()).stderr, making);
    assert.doesNotMatch((await start()).stderr, making);
    assert.equal((await readdir(templates)).length, 1);
  }));

const flaws: Readonly<Record<string, (entry: string) => Promise<unknown>>> = {
  'a file that is missing': (entry) => rm(join(entry, 'data', 'base', '1', 'PG_VERSION')),
  'a file that is cut off': (entry) => truncate(join(entry, 'data', 'global', 'pg_filenode.map'), 9),
  'no size to compare with': (entry) => rm(join(entry, 'size.json')),
  'a control file that only the server sees is wrong': (entry) =>
    writeFile(join(entry, 'data', 'global', 'pg_control'), Buffer.alloc(8192, 7)),
};

for (const [flaw, damage] of Object.entries(flaws)) {
  test(`a template with ${flaw} is made again`, () =>
    withCache(async (start, templates) => {
      await start();
      const [key = ''] = await readdir(templates);
      await damage(join(templates, key));
      assert.match((await start()).stderr, making);
      assert.doesNotMatch((await start()).stderr, making);
    }));
}

test('a few templates are kept: those used last; drafts of killed processes go', () =>
  withCache(async (start, templates) => {
    await mkdir(join(templates, 'draft-old'), { recursive: true });
    for (const age of [1, 2, 3, 4, 5, 6]) {
      await mkdir(join(templates, `used-${age}-hours-ago`));
      await touch(join(templates, `used-${age}-hours-ago`), age);
    }
    await touch(join(templates, 'draft-old'), 9);
    await start();
    const kept = (await readdir(templates)).filter((name) => /^(used|draft)/.test(name)).sort();
    assert.deepEqual(
      kept,
      [1, 2, 3, 4].map((age) => `used-${age}-hours-ago`),
    );
  }));

async function touch(path: string, hoursAgo: number): Promise<void> {
  const at = new Date(Date.now() - hoursAgo * 3_600_000);
  await utimes(path, at, at);
}

test('without a cache directory that can be written to, it works all the same', () =>
  withDirectory((directory) =>
    withWorkingDir(async (dir) => {
      await mkdir(join(directory, 'home'));
      await chmod(join(directory, 'home'), 0o500);
      for (const env of [
        { XDG_CACHE_HOME: '/dev/null' },
        { XDG_CACHE_HOME: undefined, HOME: '/dev/null' },
        { XDG_CACHE_HOME: join(directory, 'home', 'x') },
      ]) {
        assert.equal((await postgresInit(dir, env)).status, 0);
      }
      assert.equal(existsSync(join(dir, 'data', 'PG_VERSION')), true);
    }),
  ));
