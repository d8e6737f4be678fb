import { formatConnectionUri } from '../../postgres/uri.js';
import type { Server } from '../server.js';
import type { ServerEntry, ServicesFile } from '../spec/services-file.js';
import { entriesFor } from './entries.js';
import { survey } from './survey.js';

export interface ImportOptions {
  /** Databases that are looked into at a time; 4 unless said otherwise. */
  readonly parallel?: number | undefined;
}

export interface ImportedFile {
  /** The services file, as YAML. */
  readonly text: string;
  readonly services: number;
  /** What the server has and the file does not say. */
  readonly remarks: readonly string[];
}

/**
 * Writes the services file for what is on a server, so that a plan for it has nothing to do. Passwords cannot be read back: the file
 * leaves them as they are (`createOnly`) and says under which paths in Vault they are to be put.
 */
export async function importServer(server: Server, { parallel = 4 }: ImportOptions = {}): Promise<ImportedFile> {
  const { stringify } = await import('yaml');
  const found = await survey(server, parallel);
  const { services, remarks } = entriesFor(found);
  const file: ServicesFile = {
    version: 1,
    server: serverEntry(server),
    defaults: { password: { vault: 'postgres/{name}', key: 'password' }, passwordPolicy: 'createOnly' },
    services: Object.fromEntries(services),
  };
  const body = stringify(escapeVariables(file), { lineWidth: 120 });
  return { text: `${head(server, remarks)}${body}`, services: services.size, remarks };
}

function serverEntry({ config: { hosts, user, database, conninfo } }: Server): ServerEntry {
  const [first] = hosts;
  if (first === undefined) return { user, maintenanceDb: database };
  const sslmode = conninfo.sslmode === undefined || conninfo.sslmode === 'prefer' ? {} : { sslmode: conninfo.sslmode };
  return { host: first.host, port: first.port, user, maintenanceDb: database, ...sslmode };
}

function head({ config }: Server, remarks: readonly string[]): string {
  const lines = [
    `Written from ${formatConnectionUri(config.conninfo)} by slipway provision import.`,
    'Put the passwords in use into Vault under these paths, then set passwordPolicy to sync:',
    'from then on the server follows Vault.',
    ...remarks,
  ];
  return lines.map((line) => `# ${line.replaceAll(/[\r\n]+/g, ' ')}\n`).join('');
}

/** `${` begins a variable in the file; doubling the dollar sign keeps it (spec/variables.ts). */
function escapeVariables(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${');
  if (Array.isArray(value)) return value.map(escapeVariables);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapeVariables(item)]));
}
