import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { initManifests } from '../../src/supabase/manifests/manifests.js';

type Manifests = ReturnType<typeof initManifests>;

/** Values of Secrets by name and key. */
export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a pod left behind. */
export interface EndedPod {
  readonly status: number | null;
  readonly log: string;
  readonly terminationMessage: string;
}

export interface RunningPod {
  readonly child: ChildProcess;
  /** Resolves when the log holds a text, rejects when the pod ends before. */
  readonly says: (wanted: string) => Promise<void>;
  readonly ended: Promise<EndedPod>;
  /** As the kernel does when a node loses its power: everything in the pod at once. */
  readonly kill: () => void;
}

/** A shell, and the directory that is the pod's PATH. */
export interface Shell {
  readonly argv: readonly string[];
  readonly path: string;
}

/** Starts the container of a Job as kubelet would, with the pod's absolute paths below `directory`. */
export async function startPod(
  [configMap, job]: Manifests,
  secrets: Secrets,
  directory: string,
  { argv: [program = '', ...shellArguments], path }: Shell,
  more: Readonly<Record<string, string>> = {},
): Promise<RunningPod> {
  const pod = job.spec.template.spec;
  const [container] = pod.containers;
  if (container === undefined) throw new Error('the pod has no container');
  const inDirectory = (absolute: string) => (absolute.startsWith('/') ? join(directory, absolute) : absolute);
  for (const volume of pod.volumes) {
    const mount = container.volumeMounts.find(({ name }) => name === volume.name);
    const place = inDirectory(mount?.mountPath ?? '/unmounted');
    await mkdir(place, { recursive: true });
    if (volume.configMap !== undefined) {
      const items = Object.keys(configMap.data).map((key) => ({ key, path: key }));
      await writeItems(place, items, configMap.data, 0o644);
    }
    if (volume.secret !== undefined) {
      const { items, secretName } = volume.secret;
      await writeItems(place, items, secrets[secretName] ?? {}, 0o400);
    }
  }
  const messagePath = inDirectory(container.terminationMessagePath);
  await mkdir(dirname(messagePath), { recursive: true });
  await writeFile(messagePath, '');
  const env = Object.fromEntries(
    container.env.map((variable) => [variable.name, valueFor(variable, secrets, inDirectory)]),
  );
  const [, ...argv] = [...container.command, ...(container.args ?? [])];
  const child = spawn(program, [...shellArguments, ...argv.map(inDirectory)], {
    env: { PATH: path, ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  return watch(child, messagePath);
}

type Variable = Manifests[1]['spec']['template']['spec']['containers'][number]['env'][number];

function valueFor(variable: Variable, secrets: Secrets, inDirectory: (path: string) => string): string {
  if ('value' in variable && variable.value !== undefined) return inDirectory(variable.value);
  const { name = '', key } = ('valueFrom' in variable ? variable.valueFrom?.secretKeyRef : undefined) ?? { key: '' };
  const value = secrets[name]?.[key];
  if (value === undefined) throw new Error(`CreateContainerConfigError: no key ${key} in Secret ${name}`);
  return value;
}

function watch(
  child: ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream },
  path: string,
): RunningPod {
  let log = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<EndedPod>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      readFile(path, 'utf8').then((terminationMessage) => resolve({ status, log, terminationMessage }), reject);
    });
  });
  const says = (wanted: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (log.includes(wanted)) resolve();
      };
      listeners.add(look);
      look();
      ended.then(() => reject(new Error(`the pod ended without saying ${wanted}:\n${log}`)), reject);
    });
  const kill = () => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  return { child, says, ended, kill };
}

/** Keys that are not there are left out, as an optional volume does. */
async function writeItems(
  directory: string,
  items: readonly { readonly key: string; readonly path: string }[],
  data: Readonly<Record<string, string>>,
  mode: number,
): Promise<void> {
  for (const { key, path } of items) {
    const content = data[key];
    if (content === undefined) continue;
    await writeFile(join(directory, path), content, { mode });
  }
}
