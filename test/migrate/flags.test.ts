import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertStatus, flat, startBench } from './workbench.js';

const bench = await startBench();

test('a flag counts wherever it stands on the line, and the last one wins over those before it', () =>
  bench.with(
    { '20240101000000-a.sql': flat("SELECT :'one' || :'two' AS name \\gset\nCREATE TABLE :name ();") },
    async ({ migrator, values }) => {
      assertStatus(await migrator(['init', '--no-hook']), 0);
      const words = ['-v', 'one=a', '-v', 'two=x', 'migrate', '-v', 'two=y', '--no-hook', 'up', '-v', 'two=z', '1'];
      assertStatus(await migrator(words), 0);
      assert.deepEqual(await values("SELECT to_regclass('az')::text"), ['az']);
      assertStatus(await migrator(['migrate', 'down', '--no-hook']), 0);
      assert.deepEqual(await values('SELECT count(*)::int FROM pg_event_trigger'), [0], 'the bundle was left alone');
    },
    { empty: true },
  ));
