import { UserError } from '../../errors.js';
import { inParallel } from '../parallel.js';
import type { LocalReference, ProvisionSpec, SecretReference, ServiceSpec } from '../spec/types.js';
import { outcomeOf, readVaultPath, type VaultPath, type VaultReference } from './from-vault.js';
import { readLocalSecret } from './local.js';
import type { Passwords, Secret, SecretOutcome } from './secret.js';
import { withVaultClient } from './vault/client.js';
import { type Kv, openKv } from './vault/kv.js';
import { vaultToken } from './vault/login.js';
import { vaultSettings } from './vault/settings.js';

export interface ReadOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Make missing secrets that are to be generated; otherwise they are reported as missing. */
  readonly generate: boolean;
  /** Milliseconds between attempts at Vault; 1,000 to 1,500 unless given. */
  readonly backoff?: () => number;
}

export interface ProvisionSecrets {
  /** undefined where the specification names none. */
  readonly administrator: Secret | undefined;
  readonly passwords: Passwords;
}

/** Secrets looked up at a time. */
const limit = 8;

/**
 * Reads the administrator's password and those of the services, each source once. What goes wrong with a service's password is its
 * own outcome. @throws UserError when the administrator's cannot be had
 */
export async function readSecrets(
  spec: ProvisionSpec,
  services: readonly ServiceSpec[],
  options: ReadOptions,
): Promise<ProvisionSecrets> {
  const references = new Map(services.map(({ user }) => [user.name, user.password]));
  const administrator = spec.server.password;
  const outcomes = await readAll(spec, [...references.values(), administrator ?? []].flat(), options);
  const outcomeFor = (reference: SecretReference) => outcomes.get(keyOf(reference)) ?? neverLookedUp;
  return {
    administrator: administrator && secretOf(outcomeFor(administrator)),
    passwords: new Map([...references].map(([user, reference]) => [user, outcomeFor(reference)])),
  };
}

const neverLookedUp: SecretOutcome = { state: 'failed', error: new UserError('the secret was not looked up') };

type Outcomes = Map<string, SecretOutcome>;

async function readAll(
  spec: ProvisionSpec,
  references: readonly SecretReference[],
  options: ReadOptions,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const distinct = [...new Map(references.map((reference) => [keyOf(reference), reference])).values()];
  const inVault = distinct.filter((reference) => reference.kind === 'vault');
  const local = distinct.filter((reference) => reference.kind !== 'vault');
  await Promise.all([
    inParallel(local, limit, async (reference) => {
      outcomes.set(keyOf(reference), await outcome(() => readLocal(reference, options), options));
    }),
    inVault.length === 0 ? undefined : readVault(spec, inVault, options, outcomes),
  ]);
  return outcomes;
}

async function readLocal(
  reference: LocalReference,
  { env = process.env, signal }: ReadOptions,
): Promise<SecretOutcome> {
  return { state: 'read', secret: await readLocalSecret(reference, { env, signal }) };
}

/** Without a way into Vault, every secret in it fails for that reason. */
async function readVault(
  spec: ProvisionSpec,
  references: readonly VaultReference[],
  options: ReadOptions,
  outcomes: Outcomes,
): Promise<void> {
  const failure = await outcome(async () => {
    await withKv(spec, options, (kv) =>
      inParallel(groupByPath(references), limit, (wanted) => readPath(kv, wanted, options, outcomes)),
    );
    return neverLookedUp;
  }, options);
  for (const reference of references) {
    if (!outcomes.has(keyOf(reference))) outcomes.set(keyOf(reference), failure);
  }
}

async function withKv(spec: ProvisionSpec, options: ReadOptions, use: (kv: Kv) => Promise<void>): Promise<void> {
  const { env = process.env, signal, backoff } = options;
  const settings = await vaultSettings(spec.vault, env);
  const client = { signal, ...(backoff && { backoff }) };
  await withVaultClient(
    settings,
    async (vault) => {
      const readSecret = (reference: LocalReference) => readLocalSecret(reference, { env, signal });
      await use(openKv(vault, await vaultToken(vault, spec.vault, { env, readSecret })));
    },
    client,
  );
}

async function readPath(kv: Kv, wanted: VaultPath, options: ReadOptions, outcomes: Outcomes): Promise<void> {
  try {
    const entry = await readVaultPath(kv, wanted, options.generate);
    for (const reference of wanted.references) outcomes.set(keyOf(reference), outcomeOf(entry, reference));
  } catch (error) {
    const failure = failureOf(error, options);
    for (const reference of wanted.references) outcomes.set(keyOf(reference), failure);
  }
}

function groupByPath(references: readonly VaultReference[]): readonly VaultPath[] {
  const paths = new Map<string, VaultReference[]>();
  for (const reference of references) {
    const place = JSON.stringify([reference.mount, reference.path]);
    paths.set(place, [...(paths.get(place) ?? []), reference]);
  }
  return [...paths.values()].flatMap((group) =>
    group.slice(0, 1).map(({ mount, path }) => ({ mount, path, references: group })),
  );
}

async function outcome(work: () => Promise<SecretOutcome>, options: ReadOptions): Promise<SecretOutcome> {
  try {
    return await work();
  } catch (error) {
    return failureOf(error, options);
  }
}

/** Bugs and interruptions are nobody's missing secret. */
function failureOf(error: unknown, { signal }: ReadOptions): SecretOutcome {
  signal?.throwIfAborted();
  if (error instanceof UserError) return { state: 'failed', error };
  throw error;
}

function secretOf(found: SecretOutcome): Secret {
  if (found.state === 'read') return found.secret;
  if (found.state === 'failed') throw found.error;
  throw new UserError(`there is no secret at ${found.origin}`);
}

function keyOf(reference: SecretReference): string {
  return JSON.stringify(reference);
}
