import { resolve } from 'node:path';
import { below, type Report } from '../../document/faults.js';
import type { Conninfo } from '../../postgres/keywords.js';
import { resolveReference, type Surroundings } from './references.js';
import type { ServerEntry } from './services-file.js';
import type { ServerSpec } from './types.js';

/** The administrator's connection as the file gives it; what is left out is `resolveConnection`'s to fill in. */
export function resolveServer(entry: ServerEntry, surroundings: Surroundings, report: Report): ServerSpec {
  const { password, maintenanceDb, connectTimeout, port, sslrootcert, sslcert, sslkey, ...asGiven } = entry;
  const path = (name: string | undefined) =>
    name === undefined || name === 'system' ? name : resolve(surroundings.directory, name);
  const connection = {
    ...asGiven,
    port: port?.toString(),
    connect_timeout: connectTimeout?.toString(),
    sslrootcert: path(sslrootcert),
    sslcert: path(sslcert),
    sslkey: path(sslkey),
  };
  return {
    connection: withoutUndefined(connection),
    maintenanceDatabase: maintenanceDb ?? (surroundings.env.PGDATABASE || 'postgres'),
    password: password && resolveReference(password, surroundings, below(report, 'password')),
  };
}

function withoutUndefined(connection: { readonly [keyword in keyof Conninfo]: string | undefined }): Conninfo {
  return Object.fromEntries(Object.entries(connection).filter(([, value]) => value !== undefined));
}
