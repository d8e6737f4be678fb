/** What a stand-in for Vault answers: a status and a JSON body. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

export interface Call {
  readonly method: string;
  /** Below the mount. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Vault's answer for what is not there. */
export const notFound: Reply = { status: 404, body: { errors: [] } };

export function refused(status: number, ...errors: string[]): Reply {
  return { status, body: { errors } };
}

export interface Engine {
  readonly version: 1 | 2;
  answer(call: Call): Reply;
}

/** KV version 1 (api-docs/secret/kv/kv-v1). */
export function kv1(): Engine {
  const secrets = new Map<string, unknown>();
  return {
    version: 1,
    answer({ method, path, body }) {
      if (method === 'GET') return secrets.has(path) ? { status: 200, body: { data: secrets.get(path) } } : notFound;
      if (method === 'DELETE') secrets.delete(path);
      else secrets.set(path, body);
      return { status: 204 };
    },
  };
}

interface Version {
  data: unknown;
  readonly created_time: string;
  deletion_time: string;
  destroyed: boolean;
}

interface Secret {
  readonly versions: Version[];
  lifetimeMs: number;
}

/** KV version 2 (api-docs/secret/kv/kv-v2): versions, check-and-set, soft deletion, destruction, deletion times. */
export function kv2(): Engine {
  const secrets = new Map<string, Secret>();
  return {
    version: 2,
    answer({ method, path, body }) {
      const [, kind, rest = ''] = /^(data|destroy|metadata)\/(.*)$/.exec(path) ?? [];
      const secret = secrets.get(rest) ?? { versions: [], lifetimeMs: 0 };
      if (kind === undefined) return { status: 404, body: { errors: [], warnings: [invalidPath] } };
      if (kind === 'data' && method === 'GET') return read(secret);
      secrets.set(rest, secret);
      if (kind === 'metadata') secret.lifetimeMs = Number.parseInt(String(body.delete_version_after), 10) * 1000;
      else if (kind === 'destroy') destroy(secret, body.versions as number[]);
      else if (method === 'DELETE') remove(secret);
      else return write(secret, body);
      return { status: 204 };
    },
  };
}

const invalidPath =
  "Invalid path for a versioned K/V engine. See the API docs for the appropriate API endpoints to use. If using the Vault CLI, use 'vault kv get' for this operation.";

function read({ versions }: Secret): Reply {
  const newest = versions.at(-1);
  if (newest === undefined) return notFound;
  const { data, ...times } = newest;
  const isGone = newest.destroyed || (newest.deletion_time !== '' && Date.parse(newest.deletion_time) <= Date.now());
  const metadata = { ...times, version: versions.length, custom_metadata: null };
  return { status: isGone ? 404 : 200, body: { data: { data: isGone ? null : data, metadata } } };
}

function write({ versions, lifetimeMs }: Secret, { options, data }: Call['body']): Reply {
  const cas = (options as { cas?: number } | undefined)?.cas;
  if (cas !== undefined && cas !== versions.length) {
    return refused(400, 'check-and-set parameter did not match the current version');
  }
  const now = Date.now();
  const deletion_time = lifetimeMs > 0 ? new Date(now + lifetimeMs).toISOString() : '';
  versions.push({ data, created_time: new Date(now).toISOString(), deletion_time, destroyed: false });
  return { status: 200, body: { data: { version: versions.length } } };
}

function remove({ versions }: Secret): void {
  const newest = versions.at(-1);
  if (newest !== undefined) newest.deletion_time = new Date().toISOString();
}

function destroy({ versions }: Secret, numbers: readonly number[]): void {
  for (const number of numbers) {
    const version = versions[number - 1];
    if (version !== undefined) Object.assign(version, { data: null, destroyed: true });
  }
}
