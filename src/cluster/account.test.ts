import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccountFacts, asAccount, chooseAccount, parseAccounts } from './account.js';

const accounts = parseAccounts('root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104::/:\nnobody:x:65534:65533::/:\n');
const root: AccountFacts = { isRoot: true, wanted: undefined, dataOwner: undefined, accounts, namespaces: () => true };
const postgres = { kind: 'other', name: 'postgres', uid: 101, gid: 104 } as const;
const nobody = { kind: 'other', name: 'nobody', uid: 65534, gid: 65533 } as const;

test('who is not root runs the server itself', () => {
  assert.deepEqual(chooseAccount({ ...root, isRoot: false, wanted: 'nobody' }), { kind: 'self' });
});

test('root uses a user namespace, PG_OS_USER forces an account, and without namespaces postgres or nobody has to do', () => {
  assert.deepEqual(chooseAccount(root), { kind: 'namespace', uid: 101, gid: 104 });
  assert.deepEqual(chooseAccount({ ...root, wanted: 'nobody' }), nobody);
  assert.deepEqual(chooseAccount({ ...root, namespaces: () => false }), postgres);
  assert.deepEqual(chooseAccount({ ...root, namespaces: () => false, accounts: accounts.slice(2) }), nobody);
});

test('an existing cluster stays with the unprivileged account that owns it', () => {
  assert.deepEqual(chooseAccount({ ...root, dataOwner: 101 }), postgres);
  assert.deepEqual(chooseAccount({ ...root, dataOwner: 1000 }), { kind: 'namespace', uid: 101, gid: 104 });
});

test('an account that does not exist is an error', () => {
  assert.throws(() => chooseAccount({ ...root, wanted: 'gone' }), /there is no account 'gone'/);
});

test('a program runs directly, in a namespace, or with the ids of the account', () => {
  assert.deepEqual(asAccount({ kind: 'self' }, 'initdb', ['-D']), { command: 'initdb', args: ['-D'], ids: {} });
  assert.deepEqual(asAccount({ kind: 'namespace', uid: 1, gid: 2 }, 'initdb', ['-D']), {
    command: 'unshare',
    args: ['--user', '--map-user=1', '--map-group=2', 'initdb', '-D'],
    ids: {},
  });
  assert.deepEqual(asAccount(postgres, 'initdb', []), { command: 'initdb', args: [], ids: { uid: 101, gid: 104 } });
});
