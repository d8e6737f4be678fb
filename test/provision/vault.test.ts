import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Lookup, lookUp, lookUpOne, wordsOf } from './lookup.js';
import { type VaultServer, withoutRealVault, withRealServer, withStandInServer } from './vault-server.js';

type Prepare = (vault: VaultServer) => Promise<unknown>;

/** What lies in Vault, how it is referred to (`M1` and `M2` stand for the mounts), and what comes of it. */
const cases: readonly (readonly [what: string, prepare: Prepare, reference: string, expected: string | RegExp])[] = [
  ['a secret of KV 2', put2('a', { password: 'ä "b"' }), '{ vault: a, mount: M2 }', 'ä "b" (version 1)'],
  ['its newest version', twice('b'), '{ vault: b, mount: M2 }', 'second (version 2)'],
  ['a secret of KV 1', put1('a', { password: 'hunter2' }), '{ vault: a, mount: M1 }', 'hunter2'],
  [
    'a path of many steps',
    put2('x/y z/ü', { password: 'hunter2' }),
    '{ vault: x/y z/ü, mount: M2 }',
    'hunter2 (version 1)',
  ],
  ['another key', put1('k', { pw: 'hunter2' }), '{ vault: k, mount: M1, key: pw }', 'hunter2'],
  [
    'a key that is not there',
    put2('k', { b: '1', c: '2' }),
    '{ vault: k, mount: M2 }',
    /no key "password": its keys are b, c$/,
  ],
  ["JavaScript's own key", put2('k', { b: '1' }), '{ vault: k, mount: M2, key: constructor }', /no key "constructor"/],
  ['a number', put1('n', { password: 5 }), '{ vault: n, mount: M1 }', /"password" is not text$/],
  [
    'an empty secret',
    put2('e', { password: '' }),
    '{ vault: e, mount: M2 }',
    /^failed: vault .*\/e#password is empty$/,
  ],
  ['nothing in KV 2', nothing, '{ vault: none, mount: M2 }', /^failed: there is no secret .*\/none in Vault/],
  ['nothing in KV 1', nothing, '{ vault: none, mount: M1 }', /^failed: there is no secret .*\/none in Vault/],
  ['a deleted secret', deleted('d'), '{ vault: d, mount: M2 }', /is deleted: version 1 was deleted at 2\d{3}-/],
  ['a destroyed secret', destroyed('y'), '{ vault: y, mount: M2 }', /is deleted: version 1 is destroyed$/],
  ['a secret that will be deleted', mortal('m'), '{ vault: m, mount: M2 }', 'hunter2 (version 1)'],
  ['a mount that is not there', nothing, '{ vault: a, mount: M3 }', /^failed: (Vault refuses|there is no secret)/],
];

for (const [name, withServer, skip] of [
  ['the stand-in', withStandInServer, false],
  ['a real server', withRealServer, withoutRealVault],
] as const) {
  test(`${name} for Vault`, { skip }, async (t) => {
    await withServer(async (vault) => {
      for (const [what, prepare, reference, expected] of cases) {
        await t.test(`${what} is told`, async () => {
          await prepare(vault);
          const found = await lookUpOne(mounted(reference, vault), access(vault));
          if (typeof expected === 'string') assert.equal(found, expected);
          else assert.match(found, expected);
        });
      }
      await t.test('a missing secret is generated once, whoever asks', () => generatesOnce(vault));
      await t.test('a dry run generates nothing', () => generatesNothing(vault));
      await t.test('what is deleted, or lies in KV 1, is not generated', () => refusesToGenerate(vault));
      await t.test("a token that may not ask for the engine's version reads all the same", () => readsUnasked(vault));
      await t.test('AppRole logs in, and its refusal shows no secret id', () => logsInByAppRole(vault));
      await t.test("one service's missing secret leaves the others theirs", () => keepsToItsService(vault));
    });
  });
}

async function generatesOnce(vault: VaultServer): Promise<void> {
  const lookup = { ...access(vault), generate: true };
  const found = await Promise.all(
    Array.from({ length: 8 }, () => lookUpOne(`{ vault: g/new, mount: ${vault.kv2} }`, lookup)),
  );
  assert.match(`${found[0]}`, /^[\w-]{32} \(version 1\)$/);
  assert.deepEqual([...new Set(found)], [found[0]]);
}

async function generatesNothing(vault: VaultServer): Promise<void> {
  const lookup = { ...access(vault), generate: true, options: { generate: false } };
  const reference = `{ vault: g/dry, mount: ${vault.kv2} }`;
  assert.equal(await lookUpOne(reference, lookup), 'missing');
  assert.match(await lookUpOne(reference, access(vault)), /there is no secret/);
}

async function refusesToGenerate(vault: VaultServer): Promise<void> {
  const lookup = { ...access(vault), generate: true };
  await deleted('g/deleted')(vault);
  assert.match(await lookUpOne(`{ vault: g/deleted, mount: ${vault.kv2} }`, lookup), /is deleted/);
  assert.match(
    await lookUpOne(`{ vault: g/one, mount: ${vault.kv1} }`, lookup),
    /version 1, which has no check-and-set$/,
  );
}

async function readsUnasked(vault: VaultServer): Promise<void> {
  await put2('u/two', { password: 'hunter2' })(vault);
  await put1('u/one', { password: 'hunter1' })(vault);
  const policy = `path "${vault.kv2}/data/u/*" { capabilities = ["read"] } path "${vault.kv1}/u/*" { capabilities = ["read"] }`;
  const VAULT_TOKEN = await tokenWith(policy, vault);
  const lookup = { env: { VAULT_ADDR: vault.address, VAULT_TOKEN } };
  assert.equal(await lookUpOne(`{ vault: u/two, mount: ${vault.kv2} }`, lookup), 'hunter2 (version 1)');
  assert.equal(await lookUpOne(`{ vault: u/one, mount: ${vault.kv1} }`, lookup), 'hunter1');
  assert.match(await lookUpOne(`{ vault: secret, mount: ${vault.kv2} }`, lookup), /^failed: Vault refuses GET .*: 403/);
}

async function logsInByAppRole(vault: VaultServer): Promise<void> {
  await put2('r/a', { password: 'hunter2' })(vault);
  const mount = `${vault.kv2.replaceAll('/', '-')}-approle`;
  await vault.api('POST', `sys/auth/${mount}`, { type: 'approle' });
  await putPolicy(mount, `path "${vault.kv2}/*" { capabilities = ["read"] }`, vault);
  await vault.api('POST', `auth/${mount}/role/r`, { token_policies: [mount] });
  const roleId = await vault.api('GET', `auth/${mount}/role/r/role-id`);
  const secretId = await vault.api('POST', `auth/${mount}/role/r/secret-id`, {});
  const env = { VAULT_ADDR: vault.address, ROLE: textAt(roleId, 'role_id'), SECRET: textAt(secretId, 'secret_id') };
  const head = `vault: { auth: { approle: { mount: ${mount}, roleId: { env: ROLE }, secretId: { env: SECRET } } } }`;
  const reference = `{ vault: r/a, mount: ${vault.kv2} }`;
  assert.equal(await lookUpOne(reference, { head, env }), 'hunter2 (version 1)');
  const refused = await lookUpOne(reference, { head, env: { ...env, SECRET: 'wrong-secret-id' } });
  assert.match(refused, /^failed: Vault refuses POST auth\/.*\/login: 400 invalid/);
  assert.doesNotMatch(refused, /wrong-secret-id/);
}

async function keepsToItsService(vault: VaultServer): Promise<void> {
  await put2('s/a', { password: 'hunter2', other: 'hunter3' })(vault);
  const password = (entry: string) => `{ password: { mount: ${vault.kv2}, ${entry} } }`;
  const services = `{ a: ${password('vault: s/a')}, b: ${password('vault: s/b')}, c: ${password('vault: s/a, key: other')} }`;
  const found = await lookUp(services, access(vault));
  assert.deepEqual(
    [...found.values()].map((outcome) => wordsOf(outcome).slice(0, 19)),
    ['hunter2 (version 1)', 'failed: there is no', 'hunter3 (version 1)'],
  );
}

function access({ address, token }: VaultServer): Lookup {
  return { env: { VAULT_ADDR: address, VAULT_TOKEN: token } };
}

function mounted(reference: string, { kv1, kv2 }: VaultServer): string {
  return reference.replace('M1', kv1).replace('M2', kv2).replace('M3', `${kv1}-none`);
}

async function nothing(): Promise<void> {}

function put1(path: string, data: object): Prepare {
  return ({ api, kv1 }) => api('POST', `${kv1}/${path}`, data);
}

function put2(path: string, data: object): Prepare {
  return ({ api, kv2 }) => api('POST', `${kv2}/data/${path}`, { data });
}

function twice(path: string): Prepare {
  return async (vault) => {
    await put2(path, { password: 'first' })(vault);
    await put2(path, { password: 'second' })(vault);
  };
}

function deleted(path: string): Prepare {
  return async (vault) => {
    await put2(path, { password: 'hunter2' })(vault);
    await vault.api('DELETE', `${vault.kv2}/data/${path}`);
  };
}

function destroyed(path: string): Prepare {
  return async (vault) => {
    await put2(path, { password: 'hunter2' })(vault);
    await vault.api('POST', `${vault.kv2}/destroy/${path}`, { versions: [1] });
  };
}

/** Readable for an hour, and with that time in its metadata. */
function mortal(path: string): Prepare {
  return async (vault) => {
    await vault.api('POST', `${vault.kv2}/metadata/${path}`, { delete_version_after: '3600s' });
    await put2(path, { password: 'hunter2' })(vault);
  };
}

async function putPolicy(name: string, policy: string, { api }: VaultServer): Promise<void> {
  await api('POST', `sys/policies/acl/${name}`, { policy });
}

async function tokenWith(policy: string, vault: VaultServer): Promise<string> {
  const name = `${vault.kv2.replaceAll('/', '-')}-policy`;
  await putPolicy(name, policy, vault);
  const answer = await vault.api('POST', 'auth/token/create', { policies: [name], no_default_policy: true });
  return (answer as { auth: { client_token: string } }).auth.client_token;
}

function textAt(answer: unknown, key: string): string {
  return (answer as { data: Record<string, string> }).data[key] ?? assert.fail(`no ${key}`);
}
