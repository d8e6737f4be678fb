import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatConnectionUri, parseConnectionUri } from './uri.js';

const places = [
  { user: 'ann', dbname: 'shop', host: '/home/ann/my project/sock', port: '5432' },
  { user: 'a/b@c', dbname: "it's 100%/x", host: '/tmp/ü,ß', port: '5433' },
  { dbname: 'shop', host: 'db.example,other', port: '5432,5433', sslmode: 'verify-full' },
];

for (const place of places) {
  test(`a URI reads back as it was written: ${place.host}`, () => {
    assert.deepEqual(parseConnectionUri(formatConnectionUri(place)), place);
  });
}

test('a URI names no password, and leaves the default sslmode out', () => {
  const uri = formatConnectionUri({ user: 'ann', password: 'secret', dbname: 'shop', host: '/s', sslmode: 'prefer' });
  assert.equal(uri, 'postgresql://ann@/shop?host=/s');
});
