import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { withDirectory } from '../support/cluster.js';
import { type VaultStandIn, withVaultStandIn } from '../support/vault.js';
import type { Reply } from '../support/vault-engine.js';
import { type Lookup, lookUp, lookUpOne } from './lookup.js';

const reference = '{ vault: a, mount: kv }';

type Planned = Reply & { readonly headers?: Record<string, string> };
const sealed: Planned = { status: 503, body: { errors: ['Vault is sealed'] } };
const limited: Planned = { status: 429, body: { errors: ['rate limit'] }, headers: { 'Retry-After': '0' } };

/** What Vault answers first, what comes of it, and how many requests that took: one asks for the engine, one for the secret. */
const trouble: readonly (readonly [
  what: string,
  first: readonly Planned[],
  expected: string | RegExp,
  requests: number,
])[] = [
  ['nothing amiss', [], 'hunter2 (version 1)', 2],
  ['a node that lags behind', [{ status: 412 }], 'hunter2 (version 1)', 3],
  ['a limit of the rate', [limited, limited], 'hunter2 (version 1)', 4],
  ['an error inside Vault', [{ status: 500 }, { status: 502 }], 'hunter2 (version 1)', 4],
  ['a seal that stays', [sealed, sealed, sealed], /^failed: Vault refuses .*: 503 Vault is sealed$/, 3],
  ['a Vault that is not initialized', [{ status: 501 }], /^failed: Vault refuses .*: 501$/, 1],
  [
    'a bad request',
    [
      { status: 200, body: { data: { type: 'kv', options: { version: '2' } } } },
      { status: 400, body: { errors: ['no'] } },
    ],
    /: 400 no$/,
    2,
  ],
  [
    'an engine that keeps no secrets',
    [{ status: 200, body: { data: { type: 'transit' } } }],
    /is no KV engine, but transit$/,
    1,
  ],
  [
    'an answer that is no JSON',
    [{ status: 200, body: undefined }, { status: 200 }],
    /not that of a KV engine$|there is no secret/,
    3,
  ],
];

for (const [what, first, expected, requests] of trouble) {
  test(`${what} is met as Vault's own client does`, () =>
    withSecret(async (vault) => {
      const before = vault.received.length;
      vault.failNext(...first);
      const found = await lookUpOne(reference, access(vault));
      if (typeof expected === 'string') assert.equal(found, expected);
      else assert.match(found, expected);
      assert.equal(vault.received.length - before, requests);
    }));
}

test('VAULT_MAX_RETRIES says how often', () =>
  withSecret(async (vault) => {
    vault.failNext({ status: 500 });
    const { env } = access(vault);
    assert.match(await lookUpOne(reference, { env: { ...env, VAULT_MAX_RETRIES: '0' } }), /: 500$/);
  }));

test('Retry-After says how long to wait, and nothing else does', () =>
  withSecret(async (vault) => {
    vault.failNext(limited, { ...limited, headers: { 'Retry-After': new Date(0).toUTCString() } });
    const backoff = () => assert.fail('it was not asked for');
    assert.equal(await lookUpOne(reference, { ...access(vault), options: { backoff } }), 'hunter2 (version 1)');
  }));

test('a standby that names the active node is followed, once', () =>
  withSecret(async (vault) => {
    await withVaultStandIn(async (standby) => {
      const place = (path: string) => ({ status: 307, headers: { Location: `${vault.address}/v1/${path}` } });
      standby.failNext(place('sys/internal/ui/mounts/kv'), place('kv/data/a'));
      const env = { VAULT_ADDR: standby.address, VAULT_TOKEN: vault.token };
      assert.equal(await lookUpOne(reference, { env }), 'hunter2 (version 1)');
    });
  }));

test('a path is read once for all its keys, and requests say who they are', () =>
  withSecret(async (vault) => {
    const before = vault.received.length;
    const entry = (key: string) => `{ password: { vault: a, mount: kv, key: ${key} } }`;
    await lookUp(`{ a: ${entry('password')}, b: ${entry('password')}, c: ${entry('other')} }`, access(vault));
    const received = vault.received.slice(before);
    assert.deepEqual(
      received.map(({ method, path }) => `${method} ${path}`),
      ['GET sys/internal/ui/mounts/kv', 'GET kv/data/a'],
    );
    for (const { headers } of received) {
      assert.deepEqual([headers['x-vault-request'], headers['x-vault-token']], ['true', vault.token]);
    }
  }));

test('a namespace is part of every request', () =>
  withSecret(async (vault) => {
    assert.match(await lookUpOne(reference, { ...access(vault), head: 'vault: { namespace: team }' }), /^failed/);
    const { env } = access(vault);
    assert.match(await lookUpOne(reference, { env: { ...env, VAULT_NAMESPACE: 'nowhere' } }), /no handler for route/);
  }));

const jwt = 'eyJhbGciOi.hunter2';

/** How to log in, with the file's head, the environment, and the login that Vault lets in. */
const logins: readonly (readonly [
  what: string,
  head: string,
  env: Record<string, string>,
  path: string,
  body: object,
])[] = [
  [
    'Kubernetes',
    'vault: { auth: { kubernetes: { role: db, token: { file: jwt } } } }',
    {},
    'auth/kubernetes/login',
    { role: 'db', jwt },
  ],
  [
    "Nomad's workload identity in the environment",
    'vault: { auth: { jwt: { role: db } } }',
    { NOMAD_TOKEN_vault_default: jwt },
    'auth/jwt-nomad/login',
    { role: 'db', jwt },
  ],
  [
    "Nomad's workload identity in a file",
    'vault: { auth: { jwt: { role: db, mount: nomad } } }',
    { NOMAD_SECRETS_DIR: 'DIRECTORY' },
    'auth/nomad/login',
    { role: 'db', jwt },
  ],
  [
    'AppRole by the environment',
    '',
    { VAULT_ROLE_ID: 'r', VAULT_SECRET_ID: 's' },
    'auth/approle/login',
    { role_id: 'r', secret_id: 's' },
  ],
];

for (const [what, head, env, path, body] of logins) {
  test(`${what} logs in to Vault`, () =>
    withSecret((vault) =>
      withDirectory(async (directory) => {
        for (const name of ['jwt', 'nomad_vault_default.jwt']) await writeFile(join(directory, name), `${jwt}\n`);
        const places = Object.entries(env).map(([name, value]) => [name, value.replace('DIRECTORY', directory)]);
        const lookup = { head, env: { VAULT_ADDR: vault.address, ...Object.fromEntries(places) }, directory };
        const refused = await lookUpOne(reference, lookup);
        assert.match(refused, /^failed: Vault refuses POST auth/);
        assert.doesNotMatch(refused, /hunter2/);
        vault.allowLogin(path, body);
        assert.equal(await lookUpOne(reference, lookup), 'hunter2 (version 1)');
      }),
    ));
}

test('a token comes from VAULT_TOKEN, then ~/.vault-token, then the secrets directory of Nomad', () =>
  withSecret((vault) =>
    withDirectory(async (directory) => {
      const [home, nomad] = [join(directory, 'home'), join(directory, 'nomad')];
      for (const each of [home, nomad]) await mkdir(each);
      const env = { VAULT_ADDR: vault.address, HOME: home, NOMAD_SECRETS_DIR: nomad };
      const isLetIn = async (more: NodeJS.ProcessEnv = {}) =>
        (await lookUpOne(reference, { env: { ...env, ...more } })).startsWith('hunter2');
      assert.match(await lookUpOne(reference, { env }), /^failed: there is no token for Vault$/);
      await writeFile(join(nomad, 'vault_token'), `${vault.token}\n`);
      assert.ok(await isLetIn());
      await writeFile(join(home, '.vault-token'), 'stale');
      assert.ok(!(await isLetIn()));
      assert.ok(await isLetIn({ VAULT_TOKEN: vault.token }));
    }),
  ));

const badSurroundings: readonly (readonly [env: Record<string, string>, expected: RegExp])[] = [
  [{}, /^failed: there is no address of Vault$/],
  [{ VAULT_ADDR: 'vault:8200' }, /no http, https or unix address: vault:8200$/],
  [{ VAULT_ADDR: 'https://me:hunter2@vault' }, /holds a user name or password/],
  [{ VAULT_ADDR: 'http://[::1]:1' }, /^failed: cannot reach Vault at http:\/\/\[::1\]:1: /],
  [
    { VAULT_ADDR: 'https://v', VAULT_CLIENT_TIMEOUT: 'soon' },
    /VAULT_CLIENT_TIMEOUT must be a duration like 60s, not "soon"$/,
  ],
  [{ VAULT_ADDR: 'https://v', VAULT_MAX_RETRIES: '-1' }, /VAULT_MAX_RETRIES must be a whole number/],
  [{ VAULT_ADDR: 'https://v', VAULT_SKIP_VERIFY: 'maybe' }, /VAULT_SKIP_VERIFY must be true or false/],
  [{ VAULT_ADDR: 'https://v', VAULT_CACERT: '/nonexistent' }, /cannot read \/nonexistent, which is to secure/],
  [{ VAULT_ADDR: 'https://v', VAULT_CAPATH: '/nonexistent' }, /cannot read \/nonexistent, which is to secure/],
  [{ VAULT_ADDR: 'https://v', VAULT_CLIENT_CERT: '/dev/null' }, /client certificate and its key come together$/],
];

for (const [env, expected] of badSurroundings) {
  test(`Vault by ${JSON.stringify(env)} fails with a reason`, async () => {
    const found = await lookUpOne(reference, { env: { VAULT_TOKEN: 'hunter2', ...env } });
    assert.match(found, expected);
    assert.doesNotMatch(found, /hunter2/);
  });
}

test('a Vault that does not answer is given up after VAULT_CLIENT_TIMEOUT', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.on('listening', resolve));
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : 0;
  try {
    const env = { VAULT_ADDR: `http://127.0.0.1:${port}`, VAULT_TOKEN: 't', VAULT_CLIENT_TIMEOUT: '20ms' };
    assert.match(await lookUpOne(reference, { env }), /cannot reach Vault at .*: no answer within 0.02 s$/);
  } finally {
    silent.close();
  }
});

test('an interrupted run ends at once and blames no secret', () =>
  withSecret(async (vault) => {
    vault.failNext({ status: 500 });
    const interruption = new AbortController();
    const backoff = () => {
      interruption.abort(new Error('interrupted'));
      return 600_000;
    };
    const options = { backoff, signal: interruption.signal };
    await assert.rejects(lookUpOne(reference, { ...access(vault), options }), /^Error: interrupted$/);
  }));

/** Lends a stand-in with a secret `a` in the engine `kv`. */
async function withSecret(use: (vault: VaultStandIn) => Promise<void>): Promise<void> {
  await withVaultStandIn(async (vault) => {
    const headers = { 'X-Vault-Token': vault.token };
    const post = (path: string, body: object) =>
      fetch(`${vault.address}/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    await post('sys/mounts/kv', { type: 'kv', options: { version: '2' } });
    await post('kv/data/a', { data: { password: 'hunter2', other: 'hunter3' } });
    await use(vault);
  });
}

function access({ address, token }: VaultStandIn): Lookup {
  return { env: { VAULT_ADDR: address, VAULT_TOKEN: token } };
}
