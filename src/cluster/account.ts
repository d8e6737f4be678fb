import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ExitCode, UserError } from '../errors.js';
import type { Owner } from './tree.js';

/** As whom server programs run: PostgreSQL refuses to run as root. */
export type Account =
  /** As ourselves; we are not root. */
  | { readonly kind: 'self' }
  /** As ourselves in a user namespace where we have this id: files stay root's. */
  | ({ readonly kind: 'namespace' } & Owner)
  /** As another account, which owns the cluster's files. */
  | ({ readonly kind: 'other'; readonly name: string } & Owner);

/** What the choice depends on. */
export interface AccountFacts {
  readonly isRoot: boolean;
  /** PG_OS_USER */
  readonly wanted: string | undefined;
  /** Who owns an existing data directory. */
  readonly dataOwner: number | undefined;
  readonly accounts: readonly NamedAccount[];
  readonly namespaces: () => boolean;
}

export interface NamedAccount extends Owner {
  readonly name: string;
}

/**
 * Decides as whom the server runs. An existing cluster stays with the account that owns it.
 * @throws UserError when PG_OS_USER names no account, or there is none to run as.
 */
export function chooseAccount({ isRoot, wanted, dataOwner, accounts, namespaces }: AccountFacts): Account {
  if (!isRoot) return { kind: 'self' };
  const named = (name: string) => accounts.find((account) => account.name === name);
  const unprivileged = named('postgres') ?? named('nobody');
  if (wanted !== undefined) return other(named(wanted) ?? noAccount(wanted));
  if (dataOwner !== undefined && dataOwner !== 0 && dataOwner === unprivileged?.uid) return other(unprivileged);
  if (namespaces()) return { kind: 'namespace', ...(idInside(accounts) ?? { uid: 1, gid: 1 }) };
  return other(unprivileged ?? noAccount('nobody'));
}

function other(account: NamedAccount): Account {
  return { kind: 'other', ...account };
}

function noAccount(name: string): never {
  throw new UserError(`there is no account '${name}' to run PostgreSQL, which refuses to run as root`, {
    exitCode: ExitCode.missingDependency,
    hint: 'Set PG_OS_USER to an existing account, or run as an ordinary user.',
  });
}

/** initdb looks its own id up in the list of accounts; 65534 would also stand for every file of somebody else. */
function idInside(accounts: readonly NamedAccount[]): Owner | undefined {
  const found = accounts.find(({ uid }) => uid !== 0 && uid < 65534) ?? accounts.find(({ uid }) => uid !== 0);
  return found && { uid: found.uid, gid: found.gid };
}

/** Looks at this process and this system, then decides. */
export function currentAccount(wanted: string | undefined, dataOwner: number | undefined): Account {
  return chooseAccount({
    isRoot: process.getuid?.() === 0,
    wanted,
    dataOwner,
    accounts: parseAccounts(readFileSync('/etc/passwd', 'utf8')),
    namespaces: canMapUsers,
  });
}

/** passwd(5) */
export function parseAccounts(passwd: string): NamedAccount[] {
  const lines = passwd.split('\n').map((line) => line.split(':'));
  return lines
    .filter(({ length }) => length >= 4)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** Containers and hardened kernels may forbid user namespaces; only a try tells. */
function canMapUsers(): boolean {
  return spawnSync('unshare', ['--user', '--map-user=1', '--map-group=1', 'true'], { stdio: 'ignore' }).status === 0;
}

/** A program with its arguments as the account has to start it, and the ids for `spawn`. */
export function asAccount(
  account: Account,
  program: string,
  args: readonly string[],
): { readonly command: string; readonly args: readonly string[]; readonly ids: Partial<Owner> } {
  switch (account.kind) {
    case 'self':
      return { command: program, args, ids: {} };
    case 'namespace': {
      const ids = [`--map-user=${account.uid}`, `--map-group=${account.gid}`];
      return { command: 'unshare', args: ['--user', ...ids, program, ...args], ids: {} };
    }
    case 'other':
      return { command: program, args, ids: { uid: account.uid, gid: account.gid } };
  }
}

/** Who owns the files of a cluster: undefined for ourselves. */
export function fileOwner(account: Account): Owner | undefined {
  return account.kind === 'other' ? { uid: account.uid, gid: account.gid } : undefined;
}

/** How a program that ran to its end did. */
export interface Finished {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program to its end, with stdout and stderr in one text. @throws the reason of an aborted signal, once it has ended. */
export function runAs(
  account: Account,
  program: string,
  args: readonly string[],
  { env, signal }: { env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<Finished> {
  const started = asAccount(account, program, args);
  return new Promise((resolve, reject) => {
    const child = spawn(started.command, started.args, {
      env,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      ...started.ids,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const stop = () => child.kill();
    signal?.addEventListener('abort', stop);
    child.once('error', reject).once('close', (status) => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) reject(signal.reason);
      else resolve({ status, output });
    });
  });
}
