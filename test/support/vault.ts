import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { type Call, type Engine, kv1, kv2, notFound, type Reply, refused } from './vault-engine.js';

/** A request as it came in. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface VaultStandIn {
  readonly address: string;
  /** A token that may do everything. */
  readonly token: string;
  readonly received: readonly Received[];
  /** Answers the next requests so, one after the other, whatever they ask. */
  failNext(...replies: readonly (Reply & { readonly headers?: Record<string, string> })[]): void;
  /** Lets a login with this body in, with all rights. */
  allowLogin(path: string, body: object): void;
}

interface Namespace {
  readonly engines: Map<string, Engine>;
  readonly policies: Map<string, readonly RegExp[]>;
  /** Policies by token; undefined for all rights. */
  readonly tokens: Map<string, readonly string[] | undefined>;
  readonly logins: { readonly path: string; readonly body: object; readonly policies?: readonly string[] }[];
  /** Role ids and policies of AppRole, by name. */
  readonly roles: Map<string, { readonly id: string; readonly policies: readonly string[] }>;
}

/** A server that speaks as much of Vault's HTTP API as the tests need, setting it up included. Namespaces are `''` and `team`. */
export async function withVaultStandIn<T>(use: (vault: VaultStandIn) => Promise<T>, tls?: ServerOptions): Promise<T> {
  const token = `root-${randomUUID()}`;
  const namespaces = new Map(['', 'team'].map((name) => [name, newNamespace(token)]));
  const received: Received[] = [];
  const planned: (Reply & { headers?: Record<string, string> })[] = [];
  const listener: RequestListener = async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://vault').pathname).replace(/^\/v1\//, '');
    const method = request.method ?? '';
    received.push({ method, path, headers: request.headers });
    const body = await text(request);
    const { status, body: answer, headers } = planned.shift() ?? { headers: {}, ...reply(path, method, body, request) };
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(answer === undefined ? '' : JSON.stringify(answer));
  };
  const reply = (path: string, method: string, body: string, { headers }: IncomingMessage): Reply => {
    const namespace = namespaces.get(String(headers['x-vault-namespace'] ?? '').replace(/\/$/, ''));
    if (namespace === undefined) return refused(404, 'no handler for route');
    const given = headers['x-vault-token'];
    return answer(namespace, { method, path, body: body === '' ? {} : JSON.parse(body) }, given?.toString());
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  // a connection that is closed between two requests of a slow test would fail the second
  server.keepAliveTimeout = 600_000;
  try {
    const address = `${tls === undefined ? 'http' : 'https'}://localhost:${await listen(server)}`;
    return await use({
      address,
      token,
      received,
      failNext: (...replies) => planned.push(...replies),
      allowLogin: (path, body) => namespaces.get('')?.logins.push({ path, body }),
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject).listen(0, 'localhost', () => resolve((server.address() as AddressInfo).port));
  });
}

function newNamespace(token: string): Namespace {
  return {
    engines: new Map(),
    policies: new Map(),
    tokens: new Map([[token, undefined]]),
    logins: [],
    roles: new Map(),
  };
}

function answer(namespace: Namespace, call: Call, token: string | undefined): Reply {
  if (/^auth\/.*\/login$/.test(call.path)) return logIn(namespace, call);
  if (token === undefined || !namespace.tokens.has(token)) return refused(403, 'permission denied');
  const policies = namespace.tokens.get(token);
  const isAllowed = (path: string) =>
    policies?.some((name) => namespace.policies.get(name)?.some((rule) => rule.test(path))) ?? true;
  const asked = /^sys\/internal\/ui\/mounts\/(.*)$/.exec(call.path)?.[1];
  if (asked !== undefined) return describeMount(namespace, asked, policies === undefined || policies.length > 0);
  if (!isAllowed(call.path)) return refused(403, '1 error occurred:\n\t* permission denied\n\n');
  return administer(namespace, call) ?? readOrWrite(namespace, call);
}

function logIn(namespace: Namespace, { path, body }: Call): Reply {
  const login = namespace.logins.find((one) => one.path === path && isDeepStrictEqual(one.body, body));
  if (login === undefined) return refused(400, `invalid role or secret ID: ${Object.values(body).join(' ')}`);
  return grantToken(namespace, login.policies);
}

function grantToken({ tokens }: Namespace, policies: readonly string[] | undefined): Reply {
  const client_token = `hvs.${randomUUID()}`;
  tokens.set(client_token, policies);
  return { status: 200, body: { auth: { client_token, lease_duration: 3600, renewable: true } } };
}

function describeMount({ engines }: Namespace, path: string, mayAsk: boolean): Reply {
  const [mount] = [...engines.keys()].filter((name) => `${path}/`.startsWith(`${name}/`));
  const engine = mount === undefined ? undefined : engines.get(mount);
  if (engine === undefined || !mayAsk) return refused(403, `preflight capability check returned 403 for "${path}/"`);
  const options = engine.version === 2 ? { version: '2' } : null;
  return { status: 200, body: { data: { path: `${mount}/`, type: 'kv', options } } };
}

/** The part of the API that sets mounts, policies, tokens and AppRole up. */
function administer(namespace: Namespace, { method, path, body }: Call): Reply | undefined {
  const [, mount] = /^sys\/mounts\/(.+)$/.exec(path) ?? [];
  if (mount !== undefined) {
    if (method === 'DELETE') namespace.engines.delete(mount);
    else namespace.engines.set(mount, (body.options as { version?: string })?.version === '2' ? kv2() : kv1());
    return { status: 204 };
  }
  const [, policy] = /^sys\/policies\/acl\/(.+)$/.exec(path) ?? [];
  if (policy !== undefined) {
    namespace.policies.set(policy, rulesOf(String(body.policy)));
    return { status: 204 };
  }
  if (path === 'auth/token/create') return grantToken(namespace, body.policies as string[]);
  if (/^sys\/auth\//.test(path)) return { status: 204 };
  const [, auth, role, question] = /^auth\/(.+)\/role\/([^/]+)(?:\/(role-id|secret-id))?$/.exec(path) ?? [];
  return role === undefined ? undefined : administerRole(namespace, { auth: `${auth}`, role, question }, body);
}

function administerRole(
  { roles, logins }: Namespace,
  { auth, role, question }: { auth: string; role: string; question: string | undefined },
  body: Call['body'],
): Reply {
  const found = roles.get(role);
  if (question === undefined) {
    roles.set(role, { id: randomUUID(), policies: body.token_policies as string[] });
    return { status: 204 };
  }
  if (found === undefined) return notFound;
  if (question === 'role-id') return { status: 200, body: { data: { role_id: found.id } } };
  const secret_id = randomUUID();
  logins.push({ path: `auth/${auth}/login`, body: { role_id: found.id, secret_id }, policies: found.policies });
  return { status: 200, body: { data: { secret_id } } };
}

/** The paths of a policy (HCL); `*` at an end stands for the rest, `+` for a step. */
function rulesOf(policy: string): readonly RegExp[] {
  return [...policy.matchAll(/path\s+"([^"]+)"/g)].map(([, path = '']) => {
    const pattern = path.replace(/[.?^${}()|[\]\\]/g, '\\$&').replaceAll('+', '[^/]+');
    return new RegExp(`^${pattern.replace(/\*$/, '.*')}$`);
  });
}

function readOrWrite({ engines }: Namespace, call: Call): Reply {
  for (const [mount, engine] of engines) {
    if (call.path.startsWith(`${mount}/`)) return engine.answer({ ...call, path: call.path.slice(mount.length + 1) });
  }
  return refused(404, `no handler for route "${call.path}". route entry not found.`);
}
