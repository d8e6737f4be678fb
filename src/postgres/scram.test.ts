import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scramVerifier } from './scram.js';

/** RFC 7677's example: user "user", password "pencil"; the server's verifier follows from its salt and iteration count. */
test('a verifier is made as RFC 7677 computes its keys', () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const verifier = scramVerifier('pencil', { salt, iterations: 4096 });
  assert.equal(
    verifier,
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});

test('two verifiers of one password differ', () => assert.notEqual(scramVerifier('x'), scramVerifier('x')));
