import { dirname } from 'node:path';
import type { SourceDocument } from '../../document/document.js';
import { below, type Fault, type Path, type Report } from '../../document/faults.js';
import { completeEntry } from './defaults.js';
import { joinServices } from './join.js';
import { checkNames } from './names.js';
import type { Surroundings } from './references.js';
import { resolveServer } from './server.js';
import { resolveService } from './service.js';
import type { ServiceEntry, ServicesFile } from './services-file.js';
import type { ProvisionSpec, ServiceSpec } from './types.js';
import { resolveVault } from './vault.js';

/** Mount of the KV engine when the file names none: the one that a development server has. */
const defaultMount = 'secret';

/**
 * Turns a file that the schema has found good into what it asks for, and finds what only its meaning shows: names that PostgreSQL
 * would cut or refuse, and services that contradict each other. `file` is absolute.
 */
export function resolveSpec(
  file: string,
  data: ServicesFile,
  place: SourceDocument['place'],
  env: NodeJS.ProcessEnv,
): { spec: ProvisionSpec; faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const report: Report = (path, message, hint) => faults.push({ ...place(path), path, message, hint });
  const surroundings: Surroundings = { directory: dirname(file), mount: data.vault?.mount ?? defaultMount, env };
  const server = resolveServer(data.server ?? {}, surroundings, below(report, 'server'));
  const spec: ProvisionSpec = {
    file,
    server,
    vault: resolveVault(data.vault ?? {}, surroundings, below(report, 'vault')),
    services: resolveServices(data, place, surroundings, report),
  };
  refuseAdministrator(spec, env, report);
  return { spec, faults };
}

function resolveServices(
  data: ServicesFile,
  place: SourceDocument['place'],
  surroundings: Surroundings,
  report: Report,
): readonly ServiceSpec[] {
  const defaults = data.defaults ?? {};
  const services = entriesOf(data.services).map(([name, entry, path]) => {
    const reportHere = below(report, ...path);
    const { line } = place(path, { ofKey: true });
    const service = resolveService(name, line, completeEntry(name, entry, defaults), surroundings, reportHere);
    checkNames(service, reportHere);
    return service;
  });
  return joinServices(services, (later, earlier, path, object) =>
    report(
      ['services', later.name, ...path],
      `contradicts service ${JSON.stringify(earlier.name)} (line ${earlier.line}), which shares ${object}`,
      'Say it at one of the services, or the same at both.',
    ),
  );
}

type Entry = readonly [name: string, entry: ServiceEntry, path: Path];

function entriesOf(services: ServicesFile['services']): readonly Entry[] {
  if (isList(services)) return services.map((name, index) => [name, {}, ['services', index]]);
  return Object.entries(services).map(([name, entry]) => [name, entry ?? {}, ['services', name]]);
}

function isList(services: ServicesFile['services']): services is readonly string[] {
  return Array.isArray(services);
}

/** A service that logged in as the administrator would have its password, and with it ours, changed. */
function refuseAdministrator({ server, services }: ProvisionSpec, env: NodeJS.ProcessEnv, report: Report): void {
  const administrator = server.connection.user ?? env.PGUSER;
  for (const { name, user } of services) {
    if (user.name === administrator) {
      report(['services', name, 'user'], `${JSON.stringify(user.name)} is the administrator, as whom Slipway logs in`);
    }
  }
}
