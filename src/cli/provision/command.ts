import { Command, Option } from 'commander';
import type { Assignment } from '../../provision/look.js';
import type { ProvisionSpec } from '../../provision/spec/types.js';
import type { Io } from '../run.js';
import { readCount, readWait } from './durations.js';

/** Which file, which of its services, and how to go about it. */
export interface FileFlags {
  readonly file: string;
  readonly service?: readonly string[];
  readonly wait?: number | 'forever';
  readonly parallel: number;
  readonly json?: boolean;
}

/** A command that works on the server of a services file. */
export function fileCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(fileOption())
    .option('--service <names...>', 'only these services of the file')
    .option('--wait <time>', "wait so long for the server, as in 120s or 5m, or 'forever'", readWait)
    .option('--parallel <count>', 'databases that are worked on at the same time', readCount, 4)
    .option('--json', 'print the result as JSON');
}

export function fileOption(): Option {
  return new Option('-f, --file <path>', 'the services file').default('services.yaml');
}

export function metricsOption(): Option {
  return new Option('--metrics <path>', 'write metrics for the textfile collector of Prometheus (.prom)');
}

/** What a command works on, and the whole file, of which that may be a part. */
export interface Provisioning {
  readonly assignment: Assignment;
  readonly spec: ProvisionSpec;
}

/**
 * Reads the file and the secrets, and waits for the server if it is to; `next` is said once it is ready. Secrets are generated only
 * with `generate`. Rejects with an InvalidFile, or with a UserError when the administrator's password or the server cannot be had.
 */
export async function openProvisioning(
  io: Io,
  flags: FileFlags,
  { generate, next = '' }: { readonly generate: boolean; readonly next?: string },
): Promise<Provisioning> {
  const { readSpec, selectServices } = await import('../../provision/spec/read.js');
  const spec = await readSpec(flags.file, io.env);
  const services = selectServices(spec, flags.service ?? []);
  const { readSecrets } = await import('../../provision/secrets/read.js');
  const { serverOf } = await import('../../provision/server.js');
  const { env, signal } = io;
  const { administrator, passwords } = await readSecrets(spec, services, { env, signal, generate });
  const server = serverOf(spec.server, administrator, { env, signal });
  if (flags.wait !== undefined) await waitFor(io, flags, server, next);
  return { assignment: { server, spec: { ...spec, services }, passwords, parallel: flags.parallel }, spec };
}

async function waitFor(
  io: Io,
  { wait = 0, json }: FileFlags,
  server: Assignment['server'],
  next: string,
): Promise<void> {
  const { waitForServer } = await import('../../provision/wait.js');
  const out = json === true ? io.stderr : io.stdout;
  out.write('Waiting for PostgreSQL to be ready...\n');
  const onWait = ({ reason, message }: { reason: string; message: string }) => out.write(`  ${reason}: ${message}\n`);
  await waitForServer(server, { timeoutMs: wait, onWait });
  out.write(`PostgreSQL is ready.${next}\n`);
}

/** How long to wait for another provisioning to end: as long as for the server, and without `--wait` two minutes. */
export function lockTimeout({ wait = 120_000 }: FileFlags): number | undefined {
  return wait === 'forever' ? undefined : wait;
}

export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
