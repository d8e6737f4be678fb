import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { assertNoSecret, database, outcomes } from './job-lifecycle.js';
import { type Case, type Place, sevenFiles } from './place.js';

/** Stays in the middle of its transaction until it is ended. */
const endless = {
  '90-own.sql': 'BEGIN;\nCREATE TABLE interrupted (a int);\nSELECT pg_sleep(86400);\nCOMMIT;',
};

/** Files after which a run is killed; all of them with SUPABASE_KILLS. */
const killedAfter =
  process.env.SUPABASE_KILLS === undefined ? ['00-initial-schema.sql', '03-logs.sql'] : sevenFiles.slice(0, -1);

/** Runs that are ended from outside, at places that are known, and with SUPABASE_KILLS=N at N that chance finds. */
export const interruptions: readonly Case[] = [
  ...killedAfter.map(
    (file): Case => [
      `kill -9 after ${file} leaves what the next run completes`,
      async (place) => {
        const name = `killed after ${file}`;
        await place.createDatabase(name);
        const pod = await place.start(name);
        await pod.says(`${file}: applied`);
        pod.kill();
        await pod.ended;
        const { status, log } = await place.run(name);
        assert.equal(status, 0, log);
        const rows = await place.query(name, 'SELECT DISTINCT file FROM supabase_slipway.migration ORDER BY file');
        assert.deepEqual(
          rows.map(({ file: one }) => one),
          sevenFiles,
        );
      },
    ],
  ),
  [
    'kill -9 at any moment leaves what the next run completes',
    async (place) => {
      const kills = Number(process.env.SUPABASE_KILLS ?? 2);
      for (let kill = 0; kill < kills; kill += 1) {
        const name = `killed ${kill}`;
        await place.createDatabase(name);
        const pod = await place.start(name);
        setTimeout(pod.kill, Math.random() * 2000).unref();
        await pod.ended;
        const { status, log } = await place.run(name);
        assert.equal(status, 0, log);
      }
    },
  ],
  [
    'no argument of a running program holds a secret',
    async (place) => {
      const pod = await place.start(database, { extra: endless, storesJwtSecret: true });
      await sleeping(place);
      assertNoSecret(...(await commandLines(pod.child.pid ?? 0)));
      pod.kill();
      await pod.ended;
    },
  ],
  [
    'kill -9 in the middle of a file undoes it, and the next run goes on',
    async (place) => {
      await endSleepers(place);
      const { status, log } = await place.run(database, {
        extra: { '90-own.sql': 'CREATE TABLE interrupted (a int)' },
      });
      assert.equal(status, 0, log);
      assert.equal(outcomes(log).at(-1), '90-own.sql: applied');
    },
  ],
  [
    'SIGTERM cancels the statement, undoes the file and is told',
    async (place) => {
      await place.query(database, 'DROP TABLE interrupted');
      const pod = await place.start(database, { extra: endless });
      await sleeping(place);
      pod.child.kill('SIGTERM');
      const { status, terminationMessage } = await pod.ended;
      assert.equal(status, 143);
      assert.match(terminationMessage, /^90-own\.sql: interrupted by signal 15\n/);
      const [row] = await place.query(database, "SELECT to_regclass('interrupted') AS it");
      assert.deepEqual(row, { it: null });
    },
  ],
];

/** Resolves when the endless file is where it never ends. */
async function sleeping(place: Place): Promise<void> {
  while ((await sleepers(place)).length === 0);
}

function sleepers(place: Place): Promise<Record<string, unknown>[]> {
  return place.query('postgres', "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
}

/** A server notices that its client is gone when it has something to say to it. */
async function endSleepers(place: Place): Promise<void> {
  await place.query('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  while ((await sleepers(place)).length > 0);
}

async function commandLines(group: number): Promise<string[]> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    processes.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(processGroup) === group ? readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
    }),
  );
  const own = lines.filter((line) => line !== '');
  assert.ok(process.platform !== 'linux' || own.some((line) => line.includes('psql')), own.join('\n'));
  return own;
}
