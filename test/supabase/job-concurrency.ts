import assert from 'node:assert/strict';
import { type Case, sevenFiles } from './place.js';

/** Runs that meet, on a server that has seen none yet. */
export const concurrency: readonly Case[] = [
  [
    'two projects are initialized at once on a fresh server',
    async (place) => {
      await Promise.all(['first', 'second'].map((name) => place.createDatabase(name)));
      const ended = await Promise.all(['first', 'second'].map((name) => place.run(name)));
      for (const { status, log } of ended) assert.equal(status, 0, log);
    },
  ],
  [
    'of two runs on one database the second finds the work of the first done',
    async (place) => {
      await place.createDatabase('shared');
      const ended = await Promise.all([place.run('shared'), place.run('shared')]);
      for (const { status, log } of ended) assert.equal(status, 0, log);
      const rows = await place.query('shared', 'SELECT file FROM supabase_slipway.migration ORDER BY id');
      const second = ['01-roles.sql', '02-jwt.sql'];
      assert.deepEqual(
        rows.map(({ file }) => file),
        [...sevenFiles, ...second],
      );
    },
  ],
];
