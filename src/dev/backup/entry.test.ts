import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryPath } from './entry.js';

const cases: readonly [prefix: string, name: string, path: string | undefined][] = [
  ['', 'base/1/2', 'base/1/2'],
  ['', './PG_VERSION', 'PG_VERSION'],
  ['', 'pg_wal/', 'pg_wal'],
  ['', './', undefined],
  ['pg_tblspc/16385', 'PG_18_202506291/5/1', 'pg_tblspc/16385/PG_18_202506291/5/1'],
  ['pg_wal', './', 'pg_wal'],
];

for (const [prefix, name, path] of cases) {
  test(`'${name}' of an archive for '${prefix}' is ${path}`, () => assert.equal(entryPath(prefix, name), path));
}

for (const name of ['/etc/passwd', '../x', 'base/../../x']) {
  test(`'${name}' is refused: it leads out of the data directory`, () =>
    assert.throws(() => entryPath('', name), /leads elsewhere/));
}
