import type { Fault } from '../../document/faults.js';
import type { ServicesFile } from './services-file.js';

/**
 * What is left of a file without the parts that the schema forbids, so that the rest can be checked in the same run. A fault in the
 * defaults takes all services with it, as it could be the cause of anything that is found in them.
 */
export function soundPart(data: unknown, faults: readonly Fault[]): ServicesFile {
  const sound: Record<string, unknown> = typeof data === 'object' && data !== null ? { ...data } : {};
  const services = isMapping(sound.services) ? { ...sound.services } : sound.services;
  sound.services = services;
  for (const { path } of faults) {
    const [part, name] = path;
    if (part === 'services' && typeof name === 'string' && isMapping(services)) delete services[name];
    else if (part === 'server' || part === 'vault') delete sound[part];
    else if (part === 'defaults' || part === 'services') sound.services = {};
  }
  return { ...sound, version: 1, services: sound.services ?? {} } as ServicesFile;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
