import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseSource } from '../../document/document.js';
import { type Fault, InvalidFile } from '../../document/faults.js';
import { suggestion } from '../../document/nearest.js';
import { schemaFaults } from '../../document/schema.js';
import { codeOf, ExitCode, messageOf, UserError } from '../../errors.js';
import { resolveSpec } from './resolve.js';
import { servicesSchema } from './services-schema.js';
import { soundPart } from './sound-part.js';
import type { ProvisionSpec, ServiceSpec } from './types.js';
import { substituteVariables } from './variables.js';

/**
 * Reads a services file (YAML, schema/services.schema.json). `env` gives the `${NAME}` of its values, and PG* variables.
 * Throws an InvalidFile with every fault at once, or a UserError when there is no file to read.
 */
export async function readSpec(path: string, env: NodeJS.ProcessEnv = process.env): Promise<ProvisionSpec> {
  return parseSpec(path, await readText(path), env);
}

/** The same for a text that is in memory; `path` names it, and relative paths in it begin at its directory. */
export function parseSpec(path: string, text: string, env: NodeJS.ProcessEnv = process.env): ProvisionSpec {
  const source = parseSource(text, (value) => substituteVariables(value, env));
  if (source.data === undefined) throw new InvalidFile(path, source.faults);
  const shape = schemaFaults(source, servicesSchema());
  const { spec, faults } = resolveSpec(resolve(path), soundPart(source.data, shape), source.place, env);
  const all = [...source.faults, ...[...shape, ...faults].filter((fault) => !isAmong(source.faults, fault))];
  if (all.length > 0) throw new InvalidFile(path, all);
  return spec;
}

/** A value whose variable is not set is wrong in other ways, too, which nobody needs to hear. */
function isAmong(faults: readonly Fault[], { line, column }: Fault): boolean {
  return faults.some((fault) => fault.line === line && fault.column === column);
}

/** The services of these names, or all of them for none. */
export function selectServices({ file, services }: ProvisionSpec, names: readonly string[]): readonly ServiceSpec[] {
  if (names.length === 0) return services;
  const known = services.map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name)) {
      throw new UserError(`no service ${JSON.stringify(name)} in ${file}; ${suggestion(name, known)}`, {
        exitCode: ExitCode.notFound,
      });
    }
  }
  return services.filter(({ name }) => names.includes(name));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const isAbsent = codeOf(cause) === 'ENOENT';
    throw new UserError(isAbsent ? `no services file: ${path}` : `cannot read ${path}: ${messageOf(cause)}`, {
      hint: isAbsent ? 'Name it with -f, or write one: slipway provision import URL > services.yaml' : undefined,
      exitCode: isAbsent ? ExitCode.missing : ExitCode.generic,
      cause,
    });
  }
}
