import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quoteIdentifier, quoteLiteral } from './quote.js';

test('an identifier is always quoted and its quotes are doubled', () => {
  assert.equal(quoteIdentifier('plain'), '"plain"');
  assert.equal(quoteIdentifier('we"ird; --'), '"we""ird; --"');
});

test('a literal doubles its quotes, and becomes an escape string when it holds a backslash', () => {
  assert.equal(quoteLiteral("it's"), "'it''s'");
  assert.equal(quoteLiteral("a\\'b"), " E'a\\\\''b'");
});
