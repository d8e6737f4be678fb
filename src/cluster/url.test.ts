import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterUrl, pointsAt } from './url.js';

test('a URL names the role, the database, the directory of the socket and the port', () => {
  assert.equal(
    clusterUrl({ user: 'me', database: 'shop', host: '/a/sock', port: 5432 }),
    'postgresql://me@/shop?host=/a/sock&port=5432',
  );
});

test('what has a meaning in a URL or a shell is encoded', () => {
  const url = clusterUrl({ user: 'a@b', database: 'x/y?z', host: "/it's a %&=#+é", port: 1 });
  assert.equal(url, 'postgresql://a%40b@/x%2Fy%3Fz?host=/it%27s%20a%20%25%26%3D%23%2B%C3%A9&port=1');
});

const here = { workingDir: '/w d', port: 5432 };
const env = { PGUSER: 'me', HOME: '/nowhere' };
const found = { user: 'u', database: 'd' };

for (const [url, expected] of [
  ['postgresql://u@localhost/d?host=/w d&port=5432', found],
  ['postgres://u@/d?host=%2Fw%20d', found],
  ['postgresql://u:secret@/d?host=/w%20d/sock/', found],
  ['postgresql://u@%2Fw%20d:5432/d', found],
  ['postgresql:///?host=/w%20d&user=u&dbname=d', found],
  ['postgresql://u@localhost/d?host=/w d&port=5433', undefined],
  ['postgresql://u@localhost:5432/d', undefined],
  ['postgresql://u@localhost/d?host=/elsewhere', undefined],
  ['postgresql:///d?host=/w d', { user: 'me', database: 'd' }],
  ["host='/w d' user=u dbname=d", found],
  ['host=/w user=u', undefined],
  ['postgresql://u@/d?host=/w d&no=such', undefined],
  [undefined, undefined],
] as const) {
  test(`${url} ${expected ? 'leads' : 'does not lead'} to the cluster`, () =>
    assert.deepEqual(pointsAt(url, here, env), expected));
}
