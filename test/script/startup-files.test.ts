import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withCluster, withDirectory } from '../support/cluster.js';
import { runOurs } from './conformance.js';

/** Which of the files that say their names are read. */
const reads: readonly (readonly [
  what: string,
  present: readonly string[],
  env: Record<string, string>,
  read: string[],
])[] = [
  ['the plain one', ['.psqlrc', 'other'], {}, ['.psqlrc']],
  ['the major version’s before it', ['.psqlrc', '.psqlrc-18'], {}, ['.psqlrc-18']],
  ['the version’s before that', ['.psqlrc', '.psqlrc-18', '.psqlrc-18.0'], {}, ['.psqlrc-18.0']],
  ['the system’s first', ['psqlrc', 'psqlrc-17', '.psqlrc'], { PGSYSCONFDIR: '.' }, ['psqlrc', '.psqlrc']],
  ['the one that PSQLRC names', ['.psqlrc', 'other'], { PSQLRC: '~/other' }, ['other']],
  ['none where there is none', ['other'], {}, []],
];

test('startup files are found as psql finds them', async (t) => {
  await withCluster(async ({ host, port, user, database }) => {
    for (const [what, present, env, read] of reads) {
      await t.test(what, async () => {
        await withDirectory(async (home) => {
          for (const name of present) await writeFile(join(home, name), `\\echo ${name}\n`);
          const place = { HOME: home, PGHOST: host, PGPORT: String(port), PGUSER: user, PGDATABASE: database };
          const system = env.PGSYSCONFDIR === undefined ? {} : { PGSYSCONFDIR: home };
          const ended = await runOurs(['-c', '\\echo end'], { ...place, ...env, ...system }, home, '');
          assert.deepEqual(ended, { stdout: [...read, 'end', ''].join('\n'), stderr: '', status: 0 });
        });
      });
    }
  });
});
